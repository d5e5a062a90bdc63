#include "naive.h"

#include "aec_port.h"

void naive_serve(struct aec_rx *r) {
  struct aec *e = r->e;
  for (;; r->head++) {
    const volatile struct aec_sqe *s = &r->sqe[r->head & (e->entries - 1)];
    if (s->seq != r->head + 1) break;
    aec_fence_load();
    struct aec_request q = {.arg_len = s->arg_len, .ret = e->shm.base, .ret_cap = s->ret_cap};
    q.arg = s->flags & AEC_INLINE ? (const uint8_t *)s->data : e->region + s->arg_off;
    /* Keystone's own bound, one too high (sdk/src/edge/edge_dispatch.c, edge_call_dispatch). */
    int32_t status = s->func > e->n_table ? AEC_E_NOFUNC : e->table[s->func].function(&q);
    struct aec_cqe *c = &r->cqe[r->tail & (e->entries - 1)];
    *c = (struct aec_cqe){
        .status = status, .cookie = s->cookie, .ret_off = e->shm.offset, .ret_len = q.ret_len, .ret_val = q.ret_val};
    aec_fence_store();
    aec_store32(&c->seq, ++r->tail);
  }
}

uint32_t naive_take(struct aec_tx *t, struct aec_result *result) {
  const volatile struct aec_cqe *c = &t->cqe[t->head++ & (t->e->entries - 1)];
  while (c->seq != t->head) aec_pause();
  aec_fence_load();
  *result = (struct aec_result){.status = c->status, .ret_len = c->ret_len, .ret_val = c->ret_val};
  return (uint16_t)c->cookie;
}
