/*
 * Executes instructions one by one in a state given for each, and tells what became of it: the instruction-set vectors
 * of Tests/Isa are recorded with it under qemu-riscv64. It knows no instruction itself.
 *
 *   riscv64-linux-gnu-gcc -std=gnu11 -O2 -static -Wl,--no-relax -o record record.c
 *   qemu-riscv64 ./record < states > outcomes
 *
 * Reads struct state after struct state and answers each with the state after it. The code area is filled with
 * c.ebreak, so execution stops at once wherever the instructions lead; anything else it may run into (a fault, an
 * illegal instruction) stops it as well, and is told by number and address of the signal.
 *
 * The way in and out is a signal's frame: ebreak, and the handler puts the given registers where the kernel will load
 * them all at once; the next signal brings them back. The handler runs with whatever gp the instructions had, so the
 * linker must not make it use gp (--no-relax).
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* Where Tests/Isa/Recording.cs expects them: see there. */
#define CODE 0x10000000ul
#define CODE_SIZE 0x400000ul
#define DATA 0x20000000ul
#define DATA_SIZE 0x4000ul
#define WINDOW (DATA + 0x1000 - WINDOW_SIZE / 2)
#define WINDOW_SIZE 128
#define READ_ONLY (DATA + 0x8000)
#define C_EBREAK 0x9002

struct state {
    uint64_t pc;
    uint64_t signal;
    uint64_t address;
    uint64_t fcsr;
    uint32_t words[8]; /* 0 ends them; a 16-bit instruction stands in the low half */
    uint64_t x[32];
    uint64_t f[32];
    uint8_t window[WINDOW_SIZE];
};

static struct state state;
static ucontext_t outside;
static volatile sig_atomic_t inside;

static void enter(ucontext_t *context)
{
    outside = *context;
    context->uc_mcontext.__gregs[REG_PC] = state.pc;
    for (int i = 1; i < 32; i++)
        context->uc_mcontext.__gregs[i] = state.x[i];
    for (int i = 0; i < 32; i++)
        context->uc_mcontext.__fpregs.__d.__f[i] = state.f[i];
    context->uc_mcontext.__fpregs.__d.__fcsr = (uint32_t)state.fcsr;
    inside = 1;
}

static void leave(ucontext_t *context, int number, siginfo_t *info)
{
    state.signal = (uint64_t)number;
    state.address = number == SIGSEGV || number == SIGBUS ? (uint64_t)info->si_addr : 0;
    state.pc = context->uc_mcontext.__gregs[REG_PC];
    for (int i = 1; i < 32; i++)
        state.x[i] = context->uc_mcontext.__gregs[i];
    for (int i = 0; i < 32; i++)
        state.f[i] = context->uc_mcontext.__fpregs.__d.__f[i];
    state.fcsr = context->uc_mcontext.__fpregs.__d.__fcsr;
    context->uc_mcontext = outside.uc_mcontext;
    context->uc_mcontext.__gregs[REG_PC] += 4;
    inside = 0;
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    if (inside)
        leave(context, number, info);
    else if (number == SIGTRAP)
        enter(context);
    else
        _exit(3);
}

static void map(uint64_t address, uint64_t size, int protection)
{
    void *p = mmap((void *)address, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);
    if (p != (void *)address) {
        perror("mmap");
        exit(2);
    }
}

static void catch_signals(void)
{
    static char stack[1 << 16];
    stack_t alternative = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    int numbers[] = { SIGTRAP, SIGILL, SIGSEGV, SIGBUS, SIGFPE };
    sigaltstack(&alternative, 0);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, 0);
}

static void put_code(void)
{
    uint16_t *to = (uint16_t *)state.pc;
    for (int i = 0; i < 8 && state.words[i]; i++) {
        *to++ = (uint16_t)state.words[i];
        if ((state.words[i] & 3) == 3)
            *to++ = (uint16_t)(state.words[i] >> 16);
    }
    __builtin___clear_cache((char *)state.pc, (char *)to);
}

static void take_code_away(uint64_t pc)
{
    uint16_t *at = (uint16_t *)pc;
    for (int i = 0; i < 16; i++)
        at[i] = C_EBREAK;
    __builtin___clear_cache((char *)at, (char *)(at + 16));
}

static void drop_reservation(void)
{
    uint64_t word = 0, failed;
    __asm__ volatile("sc.d %0, zero, (%1)" : "=r"(failed) : "r"(&word) : "memory");
}

int main(void)
{
    map(CODE, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
    map(DATA, DATA_SIZE, PROT_READ | PROT_WRITE);
    map(READ_ONLY, 0x1000, PROT_READ);
    for (uint64_t i = 0; i < CODE_SIZE; i += 2)
        *(uint16_t *)(CODE + i) = C_EBREAK;
    catch_signals();
    while (fread(&state, sizeof state, 1, stdin) == 1) {
        uint64_t pc = state.pc;
        memset((void *)DATA, 0, DATA_SIZE);
        memcpy((void *)WINDOW, state.window, WINDOW_SIZE);
        put_code();
        drop_reservation();
        __asm__ volatile(".option push\n.option norvc\nebreak\n.option pop" : : : "memory");
        take_code_away(pc);
        memcpy(state.window, (void *)WINDOW, WINDOW_SIZE);
        fwrite(&state, sizeof state, 1, stdout);
    }
    return 0;
}
