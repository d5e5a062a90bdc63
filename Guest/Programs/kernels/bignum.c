/* Numbers of 2048 bits: Montgomery products and powers, as in RSA. 64 x 64 -> 128-bit multiplications and carries. */
#include "kernels.h"

enum { LIMBS = 32 };

typedef unsigned __int128 wide;
typedef uint64_t number[LIMBS];

static number modulus;
static uint64_t minus_inverse; /* -1 / modulus[0] modulo 2^64 */

static int is_less(const number a, const number b) {
  for (int i = LIMBS - 1; i >= 0; i--)
    if (a[i] != b[i]) return a[i] < b[i];
  return 0;
}

static void subtract(number a, const number b) {
  uint64_t borrow = 0;
  for (int i = 0; i < LIMBS; i++) {
    wide difference = (wide)a[i] - b[i] - borrow;
    a[i] = (uint64_t)difference;
    borrow = (uint64_t)(difference >> 64) & 1;
  }
}

/* to = a * b / 2^2048 modulo the modulus */
static __attribute__((noinline)) void multiply(number to, const number a, const number b) {
  uint64_t t[LIMBS + 2] = {0};
  for (int i = 0; i < LIMBS; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < LIMBS; j++) {
      wide sum = (wide)a[j] * b[i] + t[j] + carry;
      t[j] = (uint64_t)sum;
      carry = (uint64_t)(sum >> 64);
    }
    wide top = (wide)t[LIMBS] + carry;
    t[LIMBS] = (uint64_t)top;
    t[LIMBS + 1] = (uint64_t)(top >> 64);

    uint64_t m = t[0] * minus_inverse;
    carry = (uint64_t)(((wide)m * modulus[0] + t[0]) >> 64);
    for (int j = 1; j < LIMBS; j++) {
      wide sum = (wide)m * modulus[j] + t[j] + carry;
      t[j - 1] = (uint64_t)sum;
      carry = (uint64_t)(sum >> 64);
    }
    top = (wide)t[LIMBS] + carry;
    t[LIMBS - 1] = (uint64_t)top;
    t[LIMBS] = t[LIMBS + 1] + (uint64_t)(top >> 64);
  }
  int too_large = t[LIMBS] != 0 || !is_less(t, modulus);
  memcpy(to, t, sizeof(number));
  if (too_large) subtract(to, modulus);
}

static void power(number to, const number base, uint64_t exponent, const number one) {
  number result;
  memcpy(result, one, sizeof result);
  for (int bit = 63; bit >= 0; bit--) {
    multiply(result, result, result);
    if (exponent >> bit & 1) multiply(result, result, base);
  }
  memcpy(to, result, sizeof result);
}

static uint64_t run(unsigned repeat) {
  number a, b, one = {0}, left, right;
  uint64_t seed = 7, hash = 0;
  for (int i = 0; i < LIMBS; i++) modulus[i] = next_random(&seed);
  modulus[0] |= 1, modulus[LIMBS - 1] |= 1ull << 63;
  uint64_t inverse = 1;
  for (int i = 0; i < 6; i++) inverse *= 2 - modulus[0] * inverse; /* each step doubles the right bits */
  minus_inverse = -inverse;
  subtract(one, modulus); /* 2^2048 - modulus: one, in Montgomery's form */
  for (int i = 0; i < LIMBS; i++) a[i] = next_random(&seed), b[i] = next_random(&seed);
  a[LIMBS - 1] = b[LIMBS - 1] = 1;

  for (unsigned r = 0; r < repeat; r++) {
    /* (a b)^e = a^e b^e */
    uint64_t exponent = next_random(&seed);
    multiply(left, a, b);
    power(left, left, exponent, one);
    power(a, a, exponent, one);
    power(b, b, exponent, one);
    multiply(right, a, b);
    if (memcmp(left, right, sizeof left) != 0) return 0;
    hash = mix(mix(hash, left[0]), left[LIMBS - 1]);
  }
  return hash;
}

const struct kernel bignum = {"bignum", 400, run};
