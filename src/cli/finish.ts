/** Takes the exit code of a command that ended otherwise than with 0. */
export type Finish = (exitCode: number) => void;
