/* D: arithmetic, comparison, sign injection, fused operations, in every rounding mode, with flags. */
#include "isa.h"

#define W "d"
#define IN "fmv.d.x"
#define OUT "fmv.x.d"
#define ONE 0x3ff0000000000000
#define INFINITE 0x7ff0000000000000
#define QUIET 0x7ff8000000000000
#define SIGNALLING 0x7ff0000000000001
/* Exponents within 15 of one's. */
#define NEAR_ONE(x) (((x) & 0x800fffffffffffff) | ((0x3f0 + ((x) >> 52 & 31)) << 52))

static const uint64_t values[] = {
    0x0000000000000000, 0x8000000000000000, /* zeros */
    0x0000000000000001, 0x800fffffffffffff, /* smallest and largest subnormal */
    0x0010000000000000, 0x8010000000000001, /* smallest normal, and the next */
    ONE,                0xbff0000000000001, /* 1, and beyond -1 */
    0x3fefffffffffffff,                     /* below 1 */
    0x3fb999999999999a,                     /* 0.1 */
    0xc008000000000000,                     /* -3 */
    0x4340000000000001,                     /* 2^53 + 2 */
    0x7fefffffffffffff, 0xffe0000000000000, /* largest, and -2^1023 */
    INFINITE,           0xfff0000000000000, /* infinities */
    QUIET,              0xfff8dead0000beef, /* quiet NaNs */
    SIGNALLING,                             /* signalling NaN */
};

#include "fp_ops.h"
