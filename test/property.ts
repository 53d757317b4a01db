import fc from "fast-check";

/** Tests are the same at every run; another seed (`FC_SEED`) looks elsewhere. */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_123) });

export default fc;
