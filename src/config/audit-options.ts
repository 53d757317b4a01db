import { option, optional } from "./option.ts";
import { bytes, choice, integer, path } from "./values.ts";

/** Who fetched what, one line a mount. */
export const auditOptions = {
  audit: option(
    choice("off", "best-effort", "required"),
    "off",
    "write one line per mount to --audit-file before its reply; required: a mount fails if its line cannot be written",
  ),
  auditFile: optional(path, "file for audit lines, or - for standard output"),
  auditKeyFile: optional(
    path,
    "key that chains audit lines, 32 random bytes or more, so that `latchkey audit verify` finds every changed or missing line; default: not chained",
  ),
  auditMaxBytes: option(bytes, 64 * 1024 ** 2, "size at which the audit file is renamed to FILE.1"),
  auditKeep: option(integer(1, 1_000), 5, "how many renamed audit files are kept"),
};
