/**
 * Sums bytes by (row, column), each pair's in the order in which they come. A hash table with open addressing: entries are
 * many and pairs few, since operations and the GPUs of a node repeat them.
 */
export class PairBytes {
  /** Pairs so far, in the order in which they first came; the lists are longer. */
  count = 0;
  row = new Int32Array(FIRST_ROOM);
  column = new Int32Array(FIRST_ROOM);
  bytes = new Float64Array(FIRST_ROOM);
  /** Pair + 1 of each slot, 0 where it is free; twice the room for pairs, a power of two. */
  #slots = new Int32Array(2 * FIRST_ROOM);

  add(row: number, column: number, bytes: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = hash(row, column) & mask;
    for (;;) {
      const pair = slots[at]! - 1;
      if (pair < 0) break;
      if (this.row[pair] === row && this.column[pair] === column) {
        this.bytes[pair]! += bytes;
        return;
      }
      at = (at + 1) & mask;
    }
    if (this.count === this.row.length) {
      this.#grow();
      this.add(row, column, bytes);
      return;
    }
    this.row[this.count] = row;
    this.column[this.count] = column;
    this.bytes[this.count] = bytes;
    slots[at] = ++this.count;
  }

  #grow(): void {
    const room = 2 * this.row.length;
    const { row, column, bytes } = this;
    this.row = new Int32Array(room);
    this.column = new Int32Array(room);
    this.bytes = new Float64Array(room);
    this.row.set(row);
    this.column.set(column);
    this.bytes.set(bytes);
    this.#slots = new Int32Array(2 * room);
    for (let pair = 0; pair < this.count; pair++) {
      let at = hash(row[pair]!, column[pair]!) & (2 * room - 1);
      while (this.#slots[at] !== 0) at = (at + 1) & (2 * room - 1);
      this.#slots[at] = pair + 1;
    }
  }
}

const FIRST_ROOM = 4096;

function hash(row: number, column: number): number {
  const h = Math.imul(row, 0x9e3779b1) + Math.imul(column, 0x85ebca6b);
  return (h ^ (h >>> 15)) >>> 0;
}
