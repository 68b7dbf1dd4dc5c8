/**
 * An assertion that the product does not meet yet: the test is green while it fails, and fails as soon as it holds, so
 * that whoever makes it hold turns it into a plain assertion.
 * @param until what will make it hold
 */
export async function expectedToFail(until: string, assertion: () => unknown): Promise<void> {
  try {
    await assertion();
  } catch {
    return;
  }
  throw new Error(`This holds now (it was expected to fail until: ${until}). Assert it plainly.`);
}
