/**
 * Many tasks, a few at a time.
 *
 * @module
 */

/**
 * Call `task` for each item, at most `jobs` at a time.
 *
 * @returns The results in the order of the items.
 */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  jobs: number,
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  async function work(): Promise<void> {
    for (const [index, item] of queue) results[index] = await task(item);
  }
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, work));
  return results;
}
