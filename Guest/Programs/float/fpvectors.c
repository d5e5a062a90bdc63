/*
 * Executes every computational instruction of the F and D extensions over directed and pseudo-random operands, in
 * each rounding mode, and prints what came out: the test vectors of Tests/Float. Freestanding: it needs no libc and
 * makes two system calls, write and exit.
 *
 *   riscv64-linux-gnu-gcc -O1 -march=rv64gc -mabi=lp64 -ffreestanding -fno-builtin -fno-stack-protector \
 *       -nostdlib -static -o fpvectors fpvectors.c
 *   qemu-riscv64 ./fpvectors | gzip -9n > Tests/Float/Vectors/fd.txt.gz
 *
 * A line "@ name operands modes" opens a group. Each line of a group holds the operands and, for each mode (rne, rtz,
 * rdn, rup, rmm; only the first where the instruction does not round), "result/flags" or "=" when both repeat.
 * Everything is hexadecimal without leading zeros. Single-precision values are 32 bits wide, integer results are the
 * whole register. Names ending in ".reg" have whole registers for operands and result: NaN boxing.
 */
#include "instructions.h"
#include "operands.h"

/* -- Output ------------------------------------------------------------------------------------------------------- */

static char buffer[1 << 14];
static u64 used;

static long system_call(long number, long a, long b, long c)
{
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return a0;
}

static void flush(void)
{
    u64 done = 0;
    while (done < used) {
        long n = system_call(64, 1, (long)(buffer + done), (long)(used - done));
        if (n <= 0)
            system_call(93, 1, 0, 0);
        done += (u64)n;
    }
    used = 0;
}

static void put(char c)
{
    if (used == sizeof buffer)
        flush();
    buffer[used++] = c;
}

static void text(const char *s)
{
    while (*s)
        put(*s++);
}

static void hex(u64 value)
{
    int shift = 60;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
}

static void group(const char *name, int operands, int modes)
{
    text("@ ");
    text(name);
    put(' ');
    hex((u64)operands);
    put(' ');
    hex((u64)modes);
    put('\n');
}

static void line(runner *run, int operands, int modes, u64 a, u64 b, u64 c)
{
    u64 previous = 0, previous_flags = 0;
    hex(a);
    if (operands > 1) {
        put(' ');
        hex(b);
    }
    if (operands > 2) {
        put(' ');
        hex(c);
    }
    for (int mode = 0; mode < modes; mode++) {
        u64 flags, result;
        __asm__ volatile("csrw frm, %0" : : "r"(mode));
        result = run(a, b, c, &flags);
        put(' ');
        if (mode > 0 && result == previous && flags == previous_flags) {
            put('=');
        } else {
            hex(result);
            put('/');
            hex(flags);
        }
        previous = result;
        previous_flags = flags;
    }
    put('\n');
}

/* -- Groups ------------------------------------------------------------------------------------------------------- */

static void one_operand(const char *name, runner *run, struct format f, int modes, int count)
{
    u64 list[MAX_DIRECTED];
    int n = directed(f, list);
    group(name, 1, modes);
    for (int i = 0; i < n; i++)
        line(run, 1, modes, list[i], 0, 0);
    for (int i = 0; i < count; i++)
        line(run, 1, modes, random_first(f), 0, 0);
}

static void two_operands(const char *name, runner *run, struct format f, int modes, int first, int count)
{
    u64 list[MAX_DIRECTED];
    int n = directed(f, list);
    if (first < n)
        n = first;
    group(name, 2, modes);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            line(run, 2, modes, list[i], list[j], 0);
    for (int i = 0; i < count; i++) {
        u64 a = random_first(f);
        line(run, 2, modes, a, random_partner(f, a), 0);
    }
}

static void three_operands(const char *name, runner *run, struct format f, int first, int count)
{
    u64 list[MAX_DIRECTED];
    directed(f, list);
    group(name, 3, 5);
    for (int i = 0; i < first; i++)
        for (int j = i & 1; j < first; j += 2) /* the sign of a product needs one of its factors only */
            for (int k = 0; k < first; k++)
                line(run, 3, 5, list[i], list[j], list[k]);
    for (int i = 0; i < count; i++) {
        u64 a = random_first(f), b = random_partner(f, a);
        line(run, 3, 5, a, b, random_addend(f, a, b));
    }
}

/* Floats about the limits of integers, and halves. */
static void to_integer(const char *name, runner *run, struct format f, int count)
{
    static const int powers[] = { 0, 1, 7, 8, 15, 16, 30, 31, 32, 33, 52, 53, 62, 63, 64, 65 };
    u64 list[MAX_DIRECTED];
    int n = directed(f, list);
    group(name, 1, 5);
    for (int i = 0; i < n; i++)
        line(run, 1, 5, list[i], 0, 0);
    for (u64 i = 0; i < sizeof powers / sizeof *powers; i++) {
        u64 power = pack(f, 0, bias(f) + (u64)powers[i], 0);
        for (u64 sign = 0; sign < 2; sign++) {
            u64 s = pack(f, sign, 0, 0);
            for (long d = -3; d <= 3; d++)
                line(run, 1, 5, s | (power + (u64)d), 0, 0);
            /* 2^p plus and minus a quarter, a half, three quarters, one, one and a half */
            for (int d = powers[i] - 2; d <= powers[i] + 1; d++) {
                if (d > 0 && d <= f.fraction) {
                    u64 unit = 1UL << (f.fraction - d);
                    line(run, 1, 5, s | (power + unit), 0, 0);
                    line(run, 1, 5, s | (power + 3 * unit), 0, 0);
                    line(run, 1, 5, s | (power - unit), 0, 0);
                    line(run, 1, 5, s | (power - 3 * unit), 0, 0);
                }
            }
        }
    }
    for (int i = 0; i < count; i++)
        line(run, 1, 5, random_near(f, (long)bias(f) + 30, 36), 0, 0);
}

static void from_integer(const char *name, runner *run, int modes, int count)
{
    group(name, 1, modes);
    for (int p = 0; p < 64; p++)
        for (u64 d = 0; d < 3; d++) {
            line(run, 1, modes, (1UL << p) - 1 + d, 0, 0);
            line(run, 1, modes, 0 - ((1UL << p) - 1 + d), 0, 0);
        }
    /* About the ties of both formats. */
    for (int p = 0; p < 40; p++)
        for (u64 d = 0; d < 3; d++) {
            line(run, 1, modes, (0x1000001UL << p) - 1 + d, 0, 0);
            line(run, 1, modes, (0x1000003UL << p) - 1 + d, 0, 0);
            if (p <= 10) {
                line(run, 1, modes, (0x20000000000001UL << p) - 1 + d, 0, 0);
                line(run, 1, modes, (0x20000000000003UL << p) - 1 + d, 0, 0);
            }
        }
    for (int i = 0; i < count; i++)
        line(run, 1, modes, random_fraction() >> below(64), 0, 0);
}

static void narrow(const char *name, int count)
{
    u64 list[MAX_DIRECTED];
    int n = directed(D, list);
    group(name, 1, 5);
    for (int i = 0; i < n; i++)
        line(fcvt_s_d, 1, 5, list[i], 0, 0);
    n = directed(S, list);
    for (int i = 0; i < n; i++) {
        /* Single-precision values and their neighbours, ties among them; subnormals, so overflow and underflow. */
        u64 flags, wide = fcvt_d_s(list[i], 0, 0, &flags), half = 1UL << 28;
        for (int shift = 0; shift < 3; shift++) {
            u64 h = half >> shift;
            line(fcvt_s_d, 1, 5, wide + h - 1, 0, 0);
            line(fcvt_s_d, 1, 5, wide + h, 0, 0);
            line(fcvt_s_d, 1, 5, wide + h + 1, 0, 0);
            line(fcvt_s_d, 1, 5, wide - h - 1, 0, 0);
            line(fcvt_s_d, 1, 5, wide - h, 0, 0);
            line(fcvt_s_d, 1, 5, wide - h + 1, 0, 0);
        }
    }
    for (int i = 0; i < count; i++) {
        long where = below(3) ? 1023 : below(2) ? 1023 + 127 : 1023 - 138;
        line(fcvt_s_d, 1, 5, random_near(D, where, where == 1023 ? 160 : 13), 0, 0);
    }
}

static void boxes(const char *name, runner *run, int operands, int modes)
{
    static const u64 registers[] = {
        0xffffffff3f800000UL, 0x000000003f800000UL, 0xfffffffe3f800000UL, 0x7fffffff3f800000UL,
        0xffffffffbfc00000UL, 0x3ff0000000000000UL, 0xffffffff7f800001UL, 0xffffffff7fc00001UL,
        0xffffffff80000000UL, 0xffffffffffffffffUL, 0xfff7ffffff800000UL, 0x00000000ff800001UL,
    };
    int n = (int)(sizeof registers / sizeof *registers);
    group(name, operands, modes);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < (operands > 1 ? n : 1); j++)
            for (int k = 0; k < (operands > 2 ? n : 1); k++)
                line(run, operands, modes, registers[i], registers[j], registers[k]);
}

#define ONE(name, modes, count)                                                                                       \
    one_operand(#name ".s", name##_s, S, modes, count);                                                               \
    one_operand(#name ".d", name##_d, D, modes, count);
#define TWO(name, modes, first, count)                                                                                \
    two_operands(#name ".s", name##_s, S, modes, first, count);                                                       \
    two_operands(#name ".d", name##_d, D, modes, first, count);
#define THREE(name, first, count)                                                                                     \
    three_operands(#name ".s", name##_s, S, first, count);                                                            \
    three_operands(#name ".d", name##_d, D, first, count);
#define TO_INTEGER(i)                                                                                                 \
    to_integer("fcvt." #i ".s", fcvt_##i##_s, S, 500);                                                                \
    to_integer("fcvt." #i ".d", fcvt_##i##_d, D, 500);

static void run_all(void)
{
    state = 20240229;
    TWO(fadd, 5, 64, 1500)
    TWO(fsub, 5, 64, 500)
    TWO(fmul, 5, 64, 1500)
    TWO(fdiv, 5, 64, 1500)
    ONE(fsqrt, 5, 1500)
    THREE(fmadd, 24, 2000)
    THREE(fmsub, 8, 400)
    THREE(fnmadd, 8, 400)
    THREE(fnmsub, 8, 400)
    TWO(fmin, 1, 64, 200)
    TWO(fmax, 1, 64, 200)
    TWO(fsgnj, 1, 20, 50)
    TWO(fsgnjn, 1, 20, 50)
    TWO(fsgnjx, 1, 20, 50)
    TWO(feq, 1, 64, 200)
    TWO(flt, 1, 64, 200)
    TWO(fle, 1, 64, 200)
    ONE(fclass, 1, 200)
    TO_INTEGER(w)
    TO_INTEGER(wu)
    TO_INTEGER(l)
    TO_INTEGER(lu)
    from_integer("fcvt.s.w", fcvt_s_w, 5, 300);
    from_integer("fcvt.s.wu", fcvt_s_wu, 5, 300);
    from_integer("fcvt.s.l", fcvt_s_l, 5, 500);
    from_integer("fcvt.s.lu", fcvt_s_lu, 5, 500);
    from_integer("fcvt.d.w", fcvt_d_w, 1, 200);
    from_integer("fcvt.d.wu", fcvt_d_wu, 1, 200);
    from_integer("fcvt.d.l", fcvt_d_l, 5, 500);
    from_integer("fcvt.d.lu", fcvt_d_lu, 5, 500);
    narrow("fcvt.s.d", 1500);
    one_operand("fcvt.d.s", fcvt_d_s, S, 1, 500);
    boxes("fadd.s.reg", fadd_reg, 2, 1);
    boxes("fmadd.s.reg", fmadd_reg, 3, 1);
    boxes("fmin.s.reg", fmin_reg, 2, 1);
    boxes("fsgnj.s.reg", fsgnj_reg, 2, 1);
    boxes("fsgnjn.s.reg", fsgnjn_reg, 2, 1);
    boxes("fsgnjx.s.reg", fsgnjx_reg, 2, 1);
    boxes("feq.s.reg", feq_reg, 2, 1);
    boxes("fclass.s.reg", fclass_reg, 1, 1);
    boxes("fcvt.w.s.reg", fcvt_w_reg, 1, 1);
    boxes("fcvt.d.s.reg", fcvt_d_s_reg, 1, 1);
    boxes("fmv.x.w.reg", fmv_x_w_reg, 1, 1);
}

/* GCC may still want memcpy for initialised arrays. */
void *memcpy(void *to, const void *from, u64 n)
{
    char *t = to;
    const char *s = from;
    while (n--)
        *t++ = *s++;
    return to;
}

void _start(void)
{
    __asm__ volatile(".option push\n\t.option norelax\n\tla gp, __global_pointer$\n\t.option pop");
    run_all();
    flush();
    system_call(93, 0, 0, 0);
}
