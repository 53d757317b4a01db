/**
 * Returns what is wrong with a path that not every reader reads alike, or undefined: a part that is empty, `.` or `..`, and
 * all that `unclearText` refuses. One slash may stand at each end. A path without these is compared with an operator's fence
 * as it is written, for no server, proxy or client makes another one of it.
 */
export function unclearPath(path: string): string | undefined {
  const text = unclearText(path);
  if (text !== undefined) return text;
  const parts = path.replace(/^\//, "").replace(/\/$/, "").split("/");
  if (parts.some((part) => part === "." || part === "..")) return "must not contain . or .. as a part";
  return parts.length > 1 && parts.includes("") ? "must not contain an empty part" : undefined;
}

/** Returns what is wrong with a text that a second reader could decode or cut in another way, or undefined. */
export function unclearText(text: string): string | undefined {
  if (!text.isWellFormed()) return "must be Unicode text";
  if (/\p{Cc}/u.test(text)) return "must not contain control characters";
  if (text.includes("\\")) return "must not contain a backslash";
  if (/%[0-9A-Fa-f]{2}/.test(text)) return "must not contain percent-encoded characters, such as %2F";
  // Servers that know path parameters cut them off before they resolve the dots.
  return /(?:^|\/)\.{1,2};/.test(text) ? "must not contain . or .. before a semicolon" : undefined;
}
