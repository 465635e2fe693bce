/** Filled in where Ponder is installed. */
export async function runPonder() {
  return undefined;
}
