/* Compression of 128 KiB of text and back: LZ77 with hash chains, then a canonical Huffman code for literals, lengths
 * and the high bits of distances; every round decompresses and compares. */
#include "kernels.h"

enum {
  SIZE = 128 * 1024,
  WINDOW = 1 << 15,
  HASHES = 1 << 13,
  CHAIN = 24,
  SHORTEST = 4,
  LONGEST = 66,
  FIRST_LENGTH = 256,
  SYMBOLS = FIRST_LENGTH + LONGEST - SHORTEST + 1,
  DISTANCE_BITS = 15,
  LONGEST_CODE = 20,
};

static uint8_t input[SIZE], output[SIZE], packed[2 * SIZE];
static uint16_t symbols[SIZE], distances[SIZE];

/* Words of a small vocabulary, some more common than others, and numbers. */
static void make_text(uint64_t seed) {
  static const char *const syllables[] = {"re", "gi", "on", "tra", "ns", "la", "te", "qu", "ick", "ma", "chi", "ne", "o", "a", "s", "er"};
  for (int at = 0; at < SIZE;) {
    uint64_t random = next_random(&seed);
    int word = (int)((random & 1023) * (random >> 10 & 1023) >> 12);
    if ((random >> 20 & 31) == 0) {
      for (uint64_t n = random >> 30 & 0xffff; n && at < SIZE; n /= 10) input[at++] = (uint8_t)('0' + n % 10);
    } else {
      for (int n = word | 1; n && at < SIZE; n >>= 4)
        for (const char *c = syllables[n & 15]; *c && at < SIZE; c++) input[at++] = (uint8_t)*c;
    }
    if (at < SIZE) input[at++] = (random >> 40 & 15) == 0 ? '\n' : ' ';
  }
}

static uint32_t hash_of(const uint8_t *p) {
  uint32_t word;
  memcpy(&word, p, sizeof word);
  return word * 2654435761u >> 19;
}

/* Symbols and distances of the input; returns how many. */
static int find_matches(void) {
  static int32_t head[HASHES], before[WINDOW];
  int count = 0;
  memset(head, -1, sizeof head);
  for (int at = 0; at < SIZE;) {
    int length = 0, distance = 0;
    if (at + SHORTEST <= SIZE) {
      int limit = SIZE - at < LONGEST ? SIZE - at : LONGEST;
      int candidate = head[hash_of(input + at)];
      for (int tries = 0; tries < CHAIN && candidate >= 0 && at - candidate < WINDOW; tries++) {
        int same = 0;
        while (same < limit && input[candidate + same] == input[at + same]) same++;
        if (same > length) {
          length = same, distance = at - candidate;
          if (same == limit) break;
        }
        candidate = before[candidate % WINDOW];
      }
    }
    if (length < SHORTEST) length = 1;
    symbols[count] = (uint16_t)(length == 1 ? input[at] : FIRST_LENGTH + length - SHORTEST);
    distances[count++] = (uint16_t)distance;
    for (; length > 0; length--, at++) {
      if (at + SHORTEST > SIZE) continue;
      uint32_t h = hash_of(input + at);
      before[at % WINDOW] = head[h];
      head[h] = at;
    }
  }
  return count;
}

/* Lengths of Huffman codes by merging the two rarest trees; a heap of trees, parents as an array. */
static void make_lengths(const uint32_t *frequency, uint8_t *length) {
  uint32_t weight[2 * SYMBOLS];
  int parent[2 * SYMBOLS], heap[SYMBOLS + 1], size = 0, trees = SYMBOLS;
  for (int i = 0; i < SYMBOLS; i++) {
    weight[i] = frequency[i];
    length[i] = 0;
    if (!weight[i]) continue;
    int at = ++size;
    for (; at > 1 && weight[heap[at / 2]] > weight[i]; at /= 2) heap[at] = heap[at / 2];
    heap[at] = i;
  }
  while (size > 1) {
    int pair[2];
    for (int k = 0; k < 2; k++) {
      pair[k] = heap[1];
      int last = heap[size--], at = 1;
      for (int child; (child = 2 * at) <= size; at = child) {
        if (child < size && weight[heap[child + 1]] < weight[heap[child]]) child++;
        if (weight[last] <= weight[heap[child]]) break;
        heap[at] = heap[child];
      }
      heap[at] = last;
    }
    weight[trees] = weight[pair[0]] + weight[pair[1]];
    parent[pair[0]] = parent[pair[1]] = trees;
    int at = ++size;
    for (; at > 1 && weight[heap[at / 2]] > weight[trees]; at /= 2) heap[at] = heap[at / 2];
    heap[at] = trees++;
  }
  for (int i = 0; i < SYMBOLS; i++)
    if (weight[i])
      for (int at = i; at != trees - 1; at = parent[at]) length[i]++;
}

/* Codes in order of length, then of symbol; first[n] is the first code of n bits, at[n] its place in order[]. */
struct code {
  uint32_t bits[SYMBOLS], first[LONGEST_CODE + 2], at[LONGEST_CODE + 2];
  uint16_t order[SYMBOLS];
  uint8_t length[SYMBOLS];
};

static void assign(struct code *c) {
  uint32_t next = 0, place = 0;
  for (uint32_t n = 1; n <= LONGEST_CODE; n++) {
    next <<= 1;
    c->first[n] = next;
    c->at[n] = place;
    for (int i = 0; i < SYMBOLS; i++)
      if (c->length[i] == n) c->bits[i] = next++, c->order[place++] = (uint16_t)i;
  }
  c->at[LONGEST_CODE + 1] = place;
}

static struct {
  uint64_t bits;
  int count;
  uint8_t *at;
} stream;

static void put(uint32_t bits, int count) {
  stream.bits = stream.bits << count | bits;
  stream.count += count;
  while (stream.count >= 8) *stream.at++ = (uint8_t)(stream.bits >> (stream.count -= 8));
}

static uint32_t get(int count) {
  while (stream.count < count) {
    stream.bits = stream.bits << 8 | *stream.at++;
    stream.count += 8;
  }
  return (uint32_t)(stream.bits >> (stream.count -= count)) & ((1u << count) - 1);
}

static size_t pack(const struct code *c, int count) {
  stream.bits = 0, stream.count = 0, stream.at = packed;
  for (int i = 0; i < count; i++) {
    put(c->bits[symbols[i]], c->length[symbols[i]]);
    if (symbols[i] >= FIRST_LENGTH) put(distances[i], DISTANCE_BITS);
  }
  put(0, 7);
  return (size_t)(stream.at - packed);
}

static void unpack(const struct code *c) {
  stream.bits = 0, stream.count = 0, stream.at = packed;
  for (int at = 0; at < SIZE;) {
    uint32_t bits = 0, n = 0;
    do {
      bits = bits << 1 | get(1);
      n++;
    } while (bits - c->first[n] >= c->at[n + 1] - c->at[n]);
    int symbol = c->order[c->at[n] + bits - c->first[n]];
    if (symbol < FIRST_LENGTH) {
      output[at++] = (uint8_t)symbol;
      continue;
    }
    int length = symbol - FIRST_LENGTH + SHORTEST, distance = (int)get(DISTANCE_BITS);
    for (; length > 0; length--, at++) output[at] = output[at - distance];
  }
}

static uint64_t run(unsigned repeat) {
  static struct code code;
  uint64_t hash = 0;
  make_text(11);
  for (unsigned r = 0; r < repeat; r++) {
    uint32_t frequency[SYMBOLS] = {0};
    input[r * 977 % SIZE] ^= 0x80;
    int count = find_matches();
    for (int i = 0; i < count; i++) frequency[symbols[i]]++;
    make_lengths(frequency, code.length);
    assign(&code);
    size_t size = pack(&code, count);
    unpack(&code);
    if (memcmp(input, output, SIZE) != 0) return 0;
    hash = mix(mix(hash, size), packed[size / 2]);
  }
  return hash;
}

const struct kernel compression = {"compress", 50, run};
