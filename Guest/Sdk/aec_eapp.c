#include "aec_eapp.h"

#include "aec_private.h"
#include "aec_sync.h"

static long call(long number, long a, long b, long c, long d, long f) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = f;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
  return a0;
}

static uint32_t door(struct aec *e, uint32_t what, uint32_t microseconds) {
  (void)e;
  return (uint32_t)call(AEC_EYRIE_WAIT, what, microseconds, 0, 0, 0);
}

static uint8_t buffer[sizeof(struct aec_sync_request) + AEC_SYNC_MAX] __attribute__((aligned(8)));
static uint8_t answer_buffer[sizeof(struct aec_sync_reply) + AEC_SYNC_MAX] __attribute__((aligned(8)));

static int sync_call(struct aec *e, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap, struct aec_cqe *answer) {
  struct aec_sync_reply *reply = (struct aec_sync_reply *)buffer;
  (void)e;
  if (arg_len > AEC_SYNC_MAX || ret_cap > AEC_SYNC_MAX) return AEC_E_TOOBIG;
  reply->status = AEC_E_GONE;
  if (call(AEC_EYRIE_FALLBACK, (long)((uint64_t)ret_cap << 32 | (AEC_SYNC_BASE + func)), (long)arg, arg_len, (long)buffer, (long)(sizeof *reply + ret_cap)))
    return AEC_E_GONE;
  if (reply->ret_len > ret_cap) return AEC_E_TOOBIG;
  __builtin_memcpy(ret, buffer + sizeof *reply, reply->ret_len);
  *answer = (struct aec_cqe){.status = reply->status, .ret_len = reply->ret_len, .ret_val = reply->ret_val};
  return AEC_OK;
}

static long receive(struct aec *e) {
  (void)e;
  return call(AEC_EYRIE_RECEIVE, AEC_VECTOR, 0, 0, 0, 0);
}

/* The host has one thread, which runs this enclave: its turn comes with an OCALL, and ends when it has served. */
static uint32_t take_turns(struct aec *e, uint32_t what, uint32_t microseconds) {
  (void)microseconds;
  if (what & AEC_SLEEP) call(AEC_EYRIE_FALLBACK, AEC_SYNC_TURN, 0, 0, 0, 0);
  return aec_state(e);
}

static const struct aec_port turns_port = {.door = take_turns, .sync = sync_call};
static const struct aec_port port = {.receive = receive, .door = door, .sync = sync_call};

static int takes_turns(const struct aec *e) {
  const struct aec_line *host = e->n_tx ? e->tx[0].sq_head : e->n_rx ? e->rx[0].cq_head : NULL;
  return host && aec_load32(&host->flags) & AEC_TURNS;
}

int aec_eapp_setup(struct aec *e, enum aec_backend backend, const struct aec_limits *limits, void *memory, size_t memory_len) {
  struct aec_attachment region;
  struct aec_limits l = limits ? *limits : (struct aec_limits){0};
  l.serve_while_waiting = 1; /* an eapp has one thread */
  long error = call(AEC_EYRIE_SETUP, (long)&region, 0, 0, 0, 0);
  if (error) return (int)error;
  error = aec_setup(e, (void *)region.base, region.len, AEC_ENCLAVE, backend, &l, &port, memory, memory_len);
  if (error || backend == AEC_SYNC || !takes_turns(e)) return (int)error;
  l.poll_turns = 1;
  return aec_setup(e, (void *)region.base, region.len, AEC_ENCLAVE, AEC_ASYNC_ADAPTIVE, &l, &turns_port, memory, memory_len);
}

int aec_eapp_register(struct aec *e, const struct aec_entry *table, uint32_t entries) {
  uint32_t bytes = (uint32_t)(entries * sizeof *table + AEC_PAGE - 1) & ~(AEC_PAGE - 1);
  long error = call(AEC_EYRIE_SET_TABLE, (long)table, bytes, 0, 0, 0);
  return error ? (int)error : aec_register(e, table, entries);
}

void aec_eapp_serve_sync(struct aec *e) {
  struct aec_sync_request *request = (struct aec_sync_request *)buffer;
  struct aec_sync_reply *reply = (struct aec_sync_reply *)answer_buffer;
  uint32_t reply_len = 0;
  while (call(AEC_EYRIE_FALLBACK, AEC_SYNC_NEXT, (long)answer_buffer, reply_len, (long)buffer, sizeof buffer) == 0 && !request->stop) {
    struct aec_request q = {.arg = buffer + sizeof *request, .arg_len = request->arg_len, .ret = answer_buffer + sizeof *reply,
                            .ret_cap = request->ret_cap < AEC_SYNC_MAX ? request->ret_cap : AEC_SYNC_MAX};
    reply->status = request->arg_len > AEC_SYNC_MAX ? AEC_E_TOOBIG : aec_dispatch(e, request->func, &q);
    reply->ret_len = reply->status == AEC_OK ? q.ret_len : 0;
    reply->ret_val = q.ret_val;
    reply_len = (uint32_t)sizeof *reply + reply->ret_len;
  }
}
