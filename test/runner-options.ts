/** The runner starts its processes under Node options that Latchkey refuses; what is tested here is Latchkey's own process. */
process.execArgv.splice(0);
