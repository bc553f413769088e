/** Leaves out of a list that fails whatever it fails without. Each try is one call. */
export function shrink<T>(list: readonly T[], fails: (list: readonly T[]) => boolean): T[] {
  let left = [...list];
  for (let size = left.length >> 1; size >= 1; size = size >> 1) {
    for (let at = left.length - size; at >= 0; at -= size) {
      const without = [...left.slice(0, at), ...left.slice(at + size)];
      if (fails(without)) left = without;
    }
  }
  return left;
}
