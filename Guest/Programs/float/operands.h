/* The operands: a list of directed values for each format, and pseudo-random ones that fall near trouble. */
static u64 state;

static u64 random(void)
{
    u64 z = state += 0x9e3779b97f4a7c15UL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
    return z ^ z >> 31;
}

static u64 below(u64 n)
{
    return random() % n;
}

struct format {
    int fraction, exponent; /* widths */
};
static const struct format S = { 23, 8 }, D = { 52, 11 };

static u64 special(struct format f)
{
    return (1UL << f.exponent) - 1;
}

static u64 bias(struct format f)
{
    return (1UL << (f.exponent - 1)) - 1;
}

static u64 pack(struct format f, u64 sign, u64 exponent, u64 fraction)
{
    return sign << (f.fraction + f.exponent) | exponent << f.fraction | (fraction & ((1UL << f.fraction) - 1));
}

#define MAX_DIRECTED 64

/* The most telling values come first, so that a prefix of the list is a shorter list. Both signs of each. */
static int directed(struct format f, u64 *list)
{
    u64 b = bias(f), top = special(f), one = pack(f, 0, b, 0);
    u64 values[] = {
        0,
        1,                                            /* the smallest subnormal */
        pack(f, 0, 1, 0),                             /* the smallest normal */
        one,
        one - 1,
        pack(f, 0, top, 0),                           /* infinity */
        pack(f, 0, top, 0) - 1,                       /* the largest number */
        pack(f, 0, top, 1UL << (f.fraction - 1)),     /* quiet NaN */
        pack(f, 0, top, 1),                           /* signalling NaN */
        one + 1,
        pack(f, 0, 1, 0) - 1,                         /* the largest subnormal */
        pack(f, 0, 1, 1),
        one - 2,
        pack(f, 0, b, 1UL << (f.fraction - 1)),       /* 1.5 */
        pack(f, 0, b + 1, 0) - 1,
        pack(f, 0, b + 1, 0),
        pack(f, 0, b + 1, 1UL << (f.fraction - 1)),   /* 3 */
        pack(f, 0, b - 1, 0),
        pack(f, 0, b - 2, ~0UL / 3),
        pack(f, 0, b + (u64)f.fraction, 1),           /* odd, one apart from its neighbours */
        pack(f, 0, b + (u64)f.fraction + 1, 0),
        pack(f, 0, top - 1, 0),
        pack(f, 0, b - (u64)f.fraction - 1, 0),       /* half an ulp of one */
        3,
        pack(f, 0, top, ~0UL),                        /* a quiet NaN with a payload */
        pack(f, 0, top, ~0UL >> (65 - f.fraction)),   /* a signalling one */
    };
    int count = 0;
    for (u64 i = 0; i < sizeof values / sizeof *values; i++) {
        list[count++] = values[i];
        list[count++] = values[i] | pack(f, 1, 0, 0);
    }
    return count;
}

/* Fractions whose products and sums come near ties and carries: sparse, dense or plain random. */
static u64 random_fraction(void)
{
    u64 r = random();
    switch (below(6)) {
    case 0:
        return 1UL << (r & 63) | 1UL << (r >> 6 & 63);
    case 1:
        return ~(1UL << (r & 63) | 1UL << (r >> 6 & 63));
    case 2:
        return r << (r & 31) << 20;
    case 3:
        return ~0UL << (r & 63);
    default:
        return r;
    }
}

static u64 clamp(struct format f, long exponent)
{
    long last = (long)special(f) - 1;
    return (u64)(exponent < 0 ? 0 : exponent > last ? last : exponent);
}

/* A finite operand with an exponent near the given one, or anywhere if it is negative. */
static u64 random_near(struct format f, long exponent, long spread)
{
    long e = exponent < 0 ? (long)below(special(f)) : exponent + (long)below((u64)(2 * spread + 1)) - spread;
    return pack(f, random() & 1, clamp(f, e), random_fraction());
}

static long exponent_of(struct format f, u64 a)
{
    return (long)(a >> f.fraction & special(f));
}

static u64 random_first(struct format f)
{
    return below(2) ? random_near(f, (long)bias(f), 6) : random_near(f, -1, 0);
}

/* A partner of a: in the same neighbourhood (sums), or so that the product or the quotient is about the smallest or
   the largest number. */
static u64 random_partner(struct format f, u64 a)
{
    long e = exponent_of(f, a), b = (long)bias(f);
    switch (below(7)) {
    case 0:
        return random_near(f, e, 2);
    case 1:
        return random_near(f, e, f.fraction + 3);
    case 2:
        return random_near(f, b - e, f.fraction / 2);
    case 3:
        return random_near(f, b - e, 1);
    case 4:
        return random_near(f, e + b, 2);
    case 5:
        return random_near(f, 3 * b - e, 2);
    default:
        return random_near(f, -1, 0);
    }
}

/* Something to add to the product a * b: near it, at times almost its negative. */
static u64 random_addend(struct format f, u64 a, u64 b)
{
    long e = exponent_of(f, a) + exponent_of(f, b) - (long)bias(f);
    u64 c, flags;
    switch (below(4)) {
    case 0:
        __asm__ volatile("csrw frm, zero");
        c = f.fraction == S.fraction ? fmul_s(a, b, 0, &flags) : fmul_d(a, b, 0, &flags);
        return c ^ pack(f, 1, 0, 0) ^ (below(2) ? 0 : below(4));
    case 1:
        return random_near(f, e < 0 ? 0 : e, 3);
    case 2:
        return random_near(f, e < 0 ? 0 : e, 2 * f.fraction + 5);
    default:
        return random_near(f, -1, 0);
    }
}
