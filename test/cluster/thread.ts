import { type Product, shown } from '../acceptance/product.ts';

/** The words of the thread under the card that names something, once a first look is among them; null before. */
export async function firstLookAt(product: Product, name: string): Promise<string | null> {
  const cards = (await product.workspace.messages('#incidents')).filter((one) => shown(one).includes(name));
  for (const card of cards) {
    const thread = (await product.workspace.messages('#incidents', { thread: card.ts })).slice(1).map(shown);
    if (thread.some((text) => /First look/.test(text))) return thread.join('\n');
  }
  return null;
}
