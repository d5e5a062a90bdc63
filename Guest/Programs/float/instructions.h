/* One function for each instruction: it clears the flags, executes the instruction on raw bits with the rounding mode
   that frm holds, and hands back result and flags. */
typedef unsigned long u64;
typedef u64 runner(u64 a, u64 b, u64 c, u64 *flags);

#define RUN(id, mask, code)                                                                                           \
    static u64 id(u64 a, u64 b, u64 c, u64 *flags)                                                                    \
    {                                                                                                                 \
        u64 r, f;                                                                                                     \
        __asm__ volatile("csrw fflags, zero\n\t" code "\n\tcsrr %1, fflags"                                           \
                         : "=&r"(r), "=&r"(f)                                                                         \
                         : "r"(a), "r"(b), "r"(c)                                                                     \
                         : "ft0", "ft1", "ft2", "ft3");                                                               \
        *flags = f;                                                                                                   \
        return r & (mask);                                                                                            \
    }

#define S_IN "fmv.w.x ft0, %2\n\tfmv.w.x ft1, %3\n\tfmv.w.x ft2, %4\n\t"
#define D_IN "fmv.d.x ft0, %2\n\tfmv.d.x ft1, %3\n\tfmv.d.x ft2, %4\n\t"
#define S_OUT "\n\tfmv.x.w %0, ft3"
#define D_OUT "\n\tfmv.x.d %0, ft3"
#define M32 0xffffffffUL
#define M64 (~0UL)

#define BOTH(name, code)                                                                                              \
    RUN(name##_s, M32, S_IN #name ".s " code S_OUT)                                                                   \
    RUN(name##_d, M64, D_IN #name ".d " code D_OUT)
#define BOTH_TO_INTEGER(name, code)                                                                                   \
    RUN(name##_s, M64, S_IN #name ".s " code)                                                                         \
    RUN(name##_d, M64, D_IN #name ".d " code)

BOTH(fadd, "ft3, ft0, ft1")
BOTH(fsub, "ft3, ft0, ft1")
BOTH(fmul, "ft3, ft0, ft1")
BOTH(fdiv, "ft3, ft0, ft1")
BOTH(fsqrt, "ft3, ft0")
BOTH(fmadd, "ft3, ft0, ft1, ft2")
BOTH(fmsub, "ft3, ft0, ft1, ft2")
BOTH(fnmadd, "ft3, ft0, ft1, ft2")
BOTH(fnmsub, "ft3, ft0, ft1, ft2")
BOTH(fmin, "ft3, ft0, ft1")
BOTH(fmax, "ft3, ft0, ft1")
BOTH(fsgnj, "ft3, ft0, ft1")
BOTH(fsgnjn, "ft3, ft0, ft1")
BOTH(fsgnjx, "ft3, ft0, ft1")
BOTH_TO_INTEGER(feq, "%0, ft0, ft1")
BOTH_TO_INTEGER(flt, "%0, ft0, ft1")
BOTH_TO_INTEGER(fle, "%0, ft0, ft1")
BOTH_TO_INTEGER(fclass, "%0, ft0")

/* Conversions name their rounding mode, since assemblers default it to rtz or rne. */
#define CONVERSIONS(i)                                                                                                \
    RUN(fcvt_##i##_s, M64, S_IN "fcvt." #i ".s %0, ft0, dyn")                                                         \
    RUN(fcvt_##i##_d, M64, D_IN "fcvt." #i ".d %0, ft0, dyn")                                                         \
    RUN(fcvt_s_##i, M32, "fcvt.s." #i " ft3, %2, dyn" S_OUT)
CONVERSIONS(w)
CONVERSIONS(wu)
CONVERSIONS(l)
CONVERSIONS(lu)
RUN(fcvt_d_w, M64, "fcvt.d.w ft3, %2" D_OUT)
RUN(fcvt_d_wu, M64, "fcvt.d.wu ft3, %2" D_OUT)
RUN(fcvt_d_l, M64, "fcvt.d.l ft3, %2, dyn" D_OUT)
RUN(fcvt_d_lu, M64, "fcvt.d.lu ft3, %2, dyn" D_OUT)
RUN(fcvt_s_d, M32, D_IN "fcvt.s.d ft3, ft0, dyn" S_OUT)
RUN(fcvt_d_s, M64, S_IN "fcvt.d.s ft3, ft0" D_OUT)

/* Whole registers in and out, to see NaN boxing. */
RUN(fadd_reg, M64, D_IN "fadd.s ft3, ft0, ft1" D_OUT)
RUN(fmadd_reg, M64, D_IN "fmadd.s ft3, ft0, ft1, ft2" D_OUT)
RUN(fmin_reg, M64, D_IN "fmin.s ft3, ft0, ft1" D_OUT)
RUN(fsgnj_reg, M64, D_IN "fsgnj.s ft3, ft0, ft1" D_OUT)
RUN(fsgnjn_reg, M64, D_IN "fsgnjn.s ft3, ft0, ft1" D_OUT)
RUN(fsgnjx_reg, M64, D_IN "fsgnjx.s ft3, ft0, ft1" D_OUT)
RUN(feq_reg, M64, D_IN "feq.s %0, ft0, ft1")
RUN(fclass_reg, M64, D_IN "fclass.s %0, ft0")
RUN(fcvt_w_reg, M64, D_IN "fcvt.w.s %0, ft0")
RUN(fcvt_d_s_reg, M64, D_IN "fcvt.d.s ft3, ft0" D_OUT)
RUN(fmv_x_w_reg, M64, D_IN "fmv.x.w %0, ft0")
