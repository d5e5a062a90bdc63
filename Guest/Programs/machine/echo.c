// Input by interrupts: serial port, interrupt controller, external interrupt. Prints what comes in upper case, ends at 'q'.
#include "machine.h"

#define PLIC_ENABLE (PLIC + 0x2000)
#define PLIC_CLAIM (PLIC + 0x200004)

static volatile int done;

static void __attribute__((interrupt("machine"), aligned(4))) on_trap(void)
{
    if (CSR_READ(mcause) != (INTERRUPT | 11))
        finish(2);
    uint32_t source = *reg32(PLIC_CLAIM);
    if (source != UART_INTERRUPT)
        finish(3);
    while (*reg8(UART + 5) & 1) {
        char c = (char)*reg8(UART);
        put(c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
        if (c == 'q')
            done = 1;
    }
    *reg32(PLIC_CLAIM) = source;
}

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    CSR_WRITE(mtvec, on_trap);
    *reg32(PLIC + 4 * UART_INTERRUPT) = 1;
    *reg32(PLIC_ENABLE) = 1 << UART_INTERRUPT;
    *reg32(PLIC + 0x200000) = 0;
    *reg8(UART + 2) = 0x01;
    *reg8(UART + 1) = 0x01;
    CSR_SET(mie, MIP_EXTERNAL);
    while (!done)
        sleep();
    put('\n');
    return 0;
}
