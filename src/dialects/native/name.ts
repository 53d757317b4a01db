/** `spec.provider` of the native dialect. */
export const nativeName = "latchkey";
