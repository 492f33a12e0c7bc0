// Packs the files of one record into a zip, uncompressed: a WFDB record is several files.

const FLAG_UTF8 = 0x0800;
const SLICE = 1 << 20;
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/**
 * Checksum of more bytes, after that of those before (0 at first).
 * @param {Uint8Array} bytes
 * @param {number} before
 * @returns {number}
 */
export function crc32(bytes, before = 0) {
  let value = ~before;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return ~value >>> 0;
}

/**
 * Pack files into a zip. They are read slice by slice, and not held in memory.
 * @param {File[]} files
 * @returns {Promise<Blob>}
 */
export async function zipped(files) {
  /** @type {BlobPart[]} */
  const parts = [];
  /** @type {BlobPart[]} */
  const directory = [];
  let offset = 0;
  let length = 0;
  for (const file of files) {
    const name = new TextEncoder().encode(file.name);
    const fields = [20, FLAG_UTF8, 0, 0, 0x21];
    const sizes = [await checksum(file), file.size, file.size];
    const local = record(0x04034b50, fields, sizes, [name.length, 0]);
    directory.push(record(0x02014b50, [20, ...fields], sizes, [name.length, 0, 0, 0, 0], [0, offset]), name);
    length += 46 + name.length;
    parts.push(local, name, file);
    offset += 30 + name.length + file.size;
  }
  const end = record(0x06054b50, [0, 0, files.length, files.length], [length, offset], [0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/**
 * A signature, then numbers of 16, 32, 16 and 32 bits, the lowest byte first.
 * @param {number} signature
 * @param {number[]} shorts
 * @param {number[]} longs
 * @param {number[]} more of 16 bits
 * @param {number[]} last of 32 bits
 * @returns {Uint8Array<ArrayBuffer>}
 */
function record(signature, shorts, longs, more, last = []) {
  const view = new DataView(new ArrayBuffer(4 + 2 * (shorts.length + more.length) + 4 * (longs.length + last.length)));
  let at = 0;
  /** @param {number} value */
  const long = (value) => { view.setUint32(at, value, true); at += 4; };
  /** @param {number} value */
  const short = (value) => { view.setUint16(at, value, true); at += 2; };
  long(signature);
  shorts.forEach(short);
  longs.forEach(long);
  more.forEach(short);
  last.forEach(long);
  return new Uint8Array(view.buffer);
}

/**
 * @param {File} file
 * @returns {Promise<number>}
 */
async function checksum(file) {
  let value = 0;
  for (let at = 0; at < file.size; at += SLICE) {
    value = crc32(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()), value);
  }
  return value;
}
