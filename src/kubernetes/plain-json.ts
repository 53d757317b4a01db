/** The value that a JSON text holds; undefined if the text is not JSON. A parser's error would quote it. */
export function plainJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
