#define _GNU_SOURCE
#include "aec_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "aec_private.h"
#include "aec_sync.h"

/* The Keystone driver's own interface, as far as this file needs it (sdk/include/shared/keystone_user.h, sm_err.h,
 * edge_common.h of keystone-enclave/keystone at 88c49ee). */
#define IOC_RUN 0x8018a404UL
#define IOC_RESUME 0x8018a405UL
enum { ERROR_INTERRUPTED = 100002, ERROR_EDGE_CALL = 100011 };
struct run {
  uint64_t eid, error, value;
};
struct edge_call {
  uint64_t id, arg_offset, arg_size, status, ret_offset, ret_size;
};
enum { EDGE_OK = 0, EDGE_BAD_OFFSET = 2 };

static uint32_t visit(struct aec_host *h, unsigned long request, uint32_t what, uint32_t limit) {
  struct aec_door d = {.eid = (uint32_t)h->eid, .what = what, .limit = limit};
  return ioctl(h->device, request, &d) && errno != EINTR ? AEC_DEAD : d.state;
}

static uint32_t door(struct aec *e, uint32_t what, uint32_t microseconds) {
  return visit(e->port->context, AEC_IOC_DOOR, what, microseconds);
}

static long receive(struct aec *e) {
  struct aec_host *h = e->port->context;
  if (h->one_thread) return -1; /* nobody would interrupt it */
  struct aec_receive r = {.eid = h->eid, .vector = AEC_VECTOR};
  return ioctl(h->device, AEC_IOC_RECEIVE, &r) ? -1 : (long)r.entry;
}

/* ---- The synchronous way ---- */

static uint8_t *shared(struct aec_host *h) { return h->utm + sizeof(struct edge_call); }

static size_t shared_len(const struct aec_host *h) { return h->utm_len / 2 - sizeof(struct edge_call); }

static void answer(struct aec_host *h, uint64_t status, size_t len) {
  volatile struct edge_call *c = (volatile struct edge_call *)h->utm;
  c->status = status;
  c->ret_offset = sizeof *c;
  c->ret_size = len;
}

/* The argument, private; NULL when it does not lie in the buffer. */
static uint8_t *argument(struct aec_host *h, uint8_t *scratch, uint64_t *id, uint64_t *len) {
  volatile struct edge_call *c = (volatile struct edge_call *)h->utm;
  uint64_t offset = c->arg_offset, size = c->arg_size;
  *id = c->id;
  *len = size;
  if (offset < sizeof *c || offset - sizeof *c > shared_len(h) || size > shared_len(h) - (offset - sizeof *c) || size > AEC_SYNC_MAX) return NULL;
  memcpy(scratch, h->utm + offset, size);
  return scratch;
}

static void serve_function(struct aec_host *h, uint32_t func, uint32_t ret_cap, const void *arg, uint32_t arg_len) {
  struct aec_sync_reply reply = {0};
  uint32_t cap = (uint32_t)(shared_len(h) - sizeof reply);
  if (ret_cap < cap) cap = ret_cap;
  struct aec_request q = {.arg = arg, .arg_len = arg_len, .ret = shared(h) + sizeof reply, .ret_cap = cap};
  if (func < h->aec.n_table && h->aec.table[func].ret_max < cap) q.ret_cap = h->aec.table[func].ret_max;
  reply.status = aec_dispatch(&h->aec, func, &q);
  reply.ret_len = reply.status == AEC_OK ? q.ret_len : 0;
  reply.ret_val = q.ret_val;
  memcpy(shared(h), &reply, sizeof reply);
  answer(h, EDGE_OK, sizeof reply + reply.ret_len);
}

static int step(struct aec_host *h, unsigned long command, struct run *r) {
  *r = (struct run){.eid = h->eid};
  return ioctl(h->device, command, r) ? -errno : 0;
}

/* Runs until the enclave is over (0), is torn down (AEC_E_GONE), asks for work (1; its last answer is in scratch) or, with one
 * thread, it is the host's turn (MY_TURN). */
enum { MY_TURN = 2 };
static int go_on(struct aec_host *h, unsigned long command, struct run *r, uint8_t *scratch, uint64_t *len, aec_other_call *other, void *context) {
  for (;; command = IOC_RESUME) {
    uint64_t id;
    int error = step(h, command, r);
    if (error) return error;
    if (r->error == ERROR_INTERRUPTED) {
      if (!aec_live(&h->aec) && aec_state(&h->aec) != AEC_INIT) return AEC_E_GONE;
      if (h->one_thread) return MY_TURN;
      continue;
    }
    if (r->error != ERROR_EDGE_CALL) return r->error > 0 ? (int)r->error : 0;
    uint8_t *arg = argument(h, scratch, &id, len);
    if (!arg) answer(h, EDGE_BAD_OFFSET, 0);
    else if (id == AEC_SYNC_NEXT) return 1;
    else if (id == AEC_SYNC_TURN) {
      answer(h, EDGE_OK, 0);
      if (h->one_thread) return MY_TURN;
    }
    else if ((uint32_t)id >= AEC_SYNC_BASE) serve_function(h, (uint32_t)id - AEC_SYNC_BASE, (uint32_t)(id >> 32), arg, (uint32_t)*len);
    else if (other) other(h, context);
    else answer(h, EDGE_BAD_OFFSET, 0);
  }
}

static void request(struct aec_host *h, const struct aec_sync_request *q, const void *arg) {
  memcpy(shared(h), q, sizeof *q);
  memcpy(shared(h) + sizeof *q, arg, q->arg_len);
  answer(h, EDGE_OK, sizeof *q + q->arg_len);
}

static uint8_t scratch_of_runner[AEC_SYNC_MAX] __attribute__((aligned(8)));

static int sync_call(struct aec *e, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap, struct aec_cqe *result) {
  struct aec_host *h = e->port->context;
  struct aec_sync_reply reply;
  struct run r;
  uint64_t len;
  if (arg_len > AEC_SYNC_MAX || arg_len > shared_len(h) - sizeof(struct aec_sync_request)) return AEC_E_TOOBIG;
  request(h, &(struct aec_sync_request){.func = func, .arg_len = arg_len, .ret_cap = ret_cap}, arg);
  if (go_on(h, IOC_RESUME, &r, scratch_of_runner, &len, NULL, NULL) != 1 || len < sizeof reply) return AEC_E_GONE;
  memcpy(&reply, scratch_of_runner, sizeof reply);
  if (reply.ret_len > len - sizeof reply || reply.ret_len > ret_cap) return AEC_E_TOOBIG;
  memcpy(ret, scratch_of_runner + sizeof reply, reply.ret_len);
  *result = (struct aec_cqe){.status = reply.status, .ret_len = reply.ret_len, .ret_val = reply.ret_val};
  return AEC_OK;
}

/* One thread waits: the enclave's turn. Nobody sleeps, so nobody is rung for. */
static uint32_t take_turns(struct aec *e, uint32_t what, uint32_t microseconds) {
  struct aec_host *h = e->port->context;
  struct run r;
  uint64_t len;
  (void)microseconds;
  if (what & AEC_SLEEP && h->entered) {
    h->outcome = go_on(h, IOC_RESUME, &r, scratch_of_runner, &len, h->other, h->other_context);
    h->value = r.value;
    h->over = h->outcome != MY_TURN;
    h->entered = !h->over;
    if (h->over) aec_host_teardown(h); /* what it has answered is there; nothing more comes */
  }
  return aec_state(e);
}

int aec_host_enter(struct aec_host *h, aec_other_call *other, void *context) {
  struct run r;
  uint64_t len;
  int error = go_on(h, IOC_RUN, &r, scratch_of_runner, &len, other, context);
  h->entered = error == 1 || error == MY_TURN;
  h->other = other, h->other_context = context;
  h->port.sync = error == 1 ? sync_call : NULL; /* an enclave that runs on another thread cannot be entered */
  return h->entered ? 0 : error ? error : AEC_E_GONE;
}

int aec_host_run(struct aec_host *h, uint64_t *value, aec_other_call *other, void *context) {
  struct run r;
  uint64_t len;
  unsigned long command = h->entered ? IOC_RESUME : IOC_RUN;
  int error = 0;
  if (h->entered && h->port.sync) request(h, &(struct aec_sync_request){.stop = 1}, "");
  h->other = other, h->other_context = context;
  for (; !h->over && (error = go_on(h, command, &r, scratch_of_runner, &len, other, context)) == MY_TURN; command = IOC_RESUME) {
    h->entered = 1; /* a function may call the enclave */
    aec_serve(&h->aec);
  }
  if (h->over) error = h->outcome, r.value = h->value;
  if (error == 0) *value = r.value;
  return error;
}

/* ---- Setup and end ---- */

int aec_host_setup(struct aec_host *h, unsigned ocall_lanes, unsigned ecall_lanes, unsigned log2_entries,
                   enum aec_backend backend, const struct aec_limits *limits) {
  struct aec_setup s = {.eid = h->eid, .n_osq = (uint16_t)ocall_lanes, .n_esq = (uint16_t)ecall_lanes, .log2_entries = (uint16_t)log2_entries};
  if (ioctl(h->device, AEC_IOC_SETUP, &s)) return -errno;
  uint8_t *region = h->utm + s.region_offset;
  struct aec_limits l = limits ? *limits : (struct aec_limits){0};
  h->port = (struct aec_port){.door = door, .receive = receive, .context = h};
  int turns = h->one_thread && backend != AEC_SYNC;
  if (turns) {
    l.serve_while_waiting = l.poll_turns = 1;
    h->port.door = take_turns;
    backend = AEC_ASYNC_ADAPTIVE;
  }
  size_t memory = aec_memory_needs(region, s.region_len, AEC_HOST, &l);
  h->memory = memory ? calloc(1, memory) : NULL;
  if (!h->memory) return AEC_E_INVAL;
  int error = aec_setup(&h->aec, region, s.region_len, AEC_HOST, backend, &l, &h->port, h->memory, memory);
  for (uint32_t i = 0; turns && !error && i < h->aec.n_tx; i++) aec_store32(&h->aec.tx[i].cq_head->flags, AEC_TURNS);
  for (uint32_t i = 0; turns && !error && i < h->aec.n_rx; i++) aec_store32(&h->aec.rx[i].sq_head->flags, AEC_TURNS);
  return error;
}

void aec_host_teardown(struct aec_host *h) { visit(h, AEC_IOC_TEARDOWN, 0, 0); }

void aec_host_free(struct aec_host *h) {
  free(h->memory);
  h->memory = NULL;
}

int aec_host_counters(struct aec_host *h, struct aec_counters *counters) {
  *counters = (struct aec_counters){.eid = h->eid};
  return ioctl(h->device, AEC_IOC_COUNTERS, counters) ? -errno : 0;
}
