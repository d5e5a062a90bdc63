#include "aec_user.h"

#include "aec_private.h"

static int receive(struct aec *e, uint32_t *entry) {
  long by = e->port && e->port->receive ? e->port->receive(e) : -1;
  if (by < 0) return AEC_E_NOFUNC;
  *entry = (uint32_t)by + 1;
  e->user = 1;
  e->habit = (struct aec_habit){0}; /* sleeping costs less from now on */
  for (uint32_t i = 0; i < e->n_tx; i++) e->tx[i].habit = (struct aec_habit){0};
  return AEC_OK;
}

int aec_receive_calls(struct aec *e) {
  uint32_t entry;
  int error = receive(e, &entry);
  for (uint32_t i = 0; !error && i < e->n_rx; i++) aec_store32(&e->rx[i].sq_head->notify, entry);
  return error;
}

int aec_receive_completions(struct aec_tx *t) {
  uint32_t entry;
  int error = receive(t->e, &entry);
  if (!error) aec_store32(&t->cq_head->notify, entry);
  return error;
}

/* ---- The handler ---- */

enum { STACK = 16384 };
static uint8_t stack[STACK] __attribute__((aligned(16)));
static struct aec *interrupted;

void aec_user_entry(void);
void aec_user_interrupt(void);

void aec_user_interrupt(void) {
  struct aec *e = interrupted;
  aec_user_read();
  e->interrupts++;
  if (!aec_drain(e)) e->spurious++;
}

/* On the stack that uscratch names; user interrupts are off until uret. What a function may change is kept; the reservation is
 * given up, so that
 * no pair of lr and sc stretches over the handler. CSRs: ustatus 0x000, uie 0x004, utvec 0x005, uscratch 0x040. */
__asm__(".text\n.balign 4\naec_user_entry:\n"
        "csrrw sp, 0x040, sp\naddi sp, sp, -304\n"
        "sd ra, 0(sp)\nsd t0, 8(sp)\nsd t1, 16(sp)\nsd t2, 24(sp)\nsd t3, 32(sp)\nsd t4, 40(sp)\nsd t5, 48(sp)\nsd t6, 56(sp)\n"
        "sd a0, 64(sp)\nsd a1, 72(sp)\nsd a2, 80(sp)\nsd a3, 88(sp)\nsd a4, 96(sp)\nsd a5, 104(sp)\nsd a6, 112(sp)\nsd a7, 120(sp)\n"
        "fsd ft0, 128(sp)\nfsd ft1, 136(sp)\nfsd ft2, 144(sp)\nfsd ft3, 152(sp)\nfsd ft4, 160(sp)\nfsd ft5, 168(sp)\nfsd ft6, 176(sp)\n"
        "fsd ft7, 184(sp)\nfsd ft8, 192(sp)\nfsd ft9, 200(sp)\nfsd ft10, 208(sp)\nfsd ft11, 216(sp)\n"
        "fsd fa0, 224(sp)\nfsd fa1, 232(sp)\nfsd fa2, 240(sp)\nfsd fa3, 248(sp)\nfsd fa4, 256(sp)\nfsd fa5, 264(sp)\nfsd fa6, 272(sp)\n"
        "fsd fa7, 280(sp)\nfrcsr t0\nsd t0, 288(sp)\naddi t0, sp, 296\nsc.w t0, zero, (t0)\n"
        "call aec_user_interrupt\n"
        "ld t0, 288(sp)\nfscsr t0\n"
        "fld ft0, 128(sp)\nfld ft1, 136(sp)\nfld ft2, 144(sp)\nfld ft3, 152(sp)\nfld ft4, 160(sp)\nfld ft5, 168(sp)\nfld ft6, 176(sp)\n"
        "fld ft7, 184(sp)\nfld ft8, 192(sp)\nfld ft9, 200(sp)\nfld ft10, 208(sp)\nfld ft11, 216(sp)\n"
        "fld fa0, 224(sp)\nfld fa1, 232(sp)\nfld fa2, 240(sp)\nfld fa3, 248(sp)\nfld fa4, 256(sp)\nfld fa5, 264(sp)\nfld fa6, 272(sp)\n"
        "fld fa7, 280(sp)\n"
        "ld ra, 0(sp)\nld t0, 8(sp)\nld t1, 16(sp)\nld t2, 24(sp)\nld t3, 32(sp)\nld t4, 40(sp)\nld t5, 48(sp)\nld t6, 56(sp)\n"
        "ld a0, 64(sp)\nld a1, 72(sp)\nld a2, 80(sp)\nld a3, 88(sp)\nld a4, 96(sp)\nld a5, 104(sp)\nld a6, 112(sp)\nld a7, 120(sp)\n"
        "addi sp, sp, 304\ncsrrw sp, 0x040, sp\n.word 0x00200073\n"); /* uret */

void aec_begin_interrupts(struct aec *e) {
  interrupted = e;
  __asm__ volatile("csrw 0x005, %0\ncsrw 0x040, %1\ncsrsi 0x004, 1" ::"r"(aec_user_entry), "r"(stack + STACK) : "memory");
  aec_drain(e); /* what came before anybody was to be told */
  __asm__ volatile("csrsi 0x000, 1" ::: "memory");
}

void aec_end_interrupts(struct aec *e) {
  __asm__ volatile("csrci 0x000, 1" ::: "memory");
  if (aec_live(e)) aec_wish(e, 0);
}
