/* F: arithmetic, comparison, sign injection, fused operations, in every rounding mode, with flags. fmv.x.w extends the
 * sign, so results with the sign bit print as ffffffff........ */
#include "isa.h"

#define W "s"
#define IN "fmv.w.x"
#define OUT "fmv.x.w"
#define ONE 0x3f800000
#define INFINITE 0x7f800000
#define QUIET 0x7fc00000
#define SIGNALLING 0x7f800001
/* Exponents within 15 of one's. */
#define NEAR_ONE(x) (((x) & 0x807fffff) | ((0x70 + ((x) >> 52 & 31)) << 23))

static const uint64_t values[] = {
    0x00000000, 0x80000000, /* zeros */
    0x00000001, 0x807fffff, /* smallest and largest subnormal */
    0x00800000, 0x80800001, /* smallest normal, and the next */
    ONE,        0xbf800001, /* 1, and beyond -1 */
    0x3f7fffff,             /* below 1 */
    0x3dcccccd,             /* 0.1 */
    0xc0400000,             /* -3 */
    0x4b800001,             /* 2^24 + 2 */
    0x7f7fffff, 0xff000000, /* largest, and -2^127 */
    INFINITE,   0xff800000, /* infinities */
    QUIET,      0xffc0beef, /* quiet NaNs */
    SIGNALLING,             /* signalling NaN */
};

#include "fp_ops.h"
