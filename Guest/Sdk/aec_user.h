/* User interrupts between the two sides (extensions N and Xaec, docs/isa.md): the other side is told without a trap, whether it
 * sleeps or is busy in code of its own. */
#ifndef AEC_USER_H
#define AEC_USER_H

#include "aec.h"

/* This thread serves: the other side may interrupt it when it wants to be told. AEC_E_NOFUNC where harts cannot; then the
 * doorbell serves. */
int aec_receive_calls(struct aec *e);

/* This thread calls on the lane: the same for completions. */
int aec_receive_completions(struct aec_tx *lane);

/* Between the two, calls of the other side are served in interrupts, on a stack of their own, in the middle of whatever the
 * thread does: functions must bear that, and the thread leaves the library alone. After aec_receive_calls; one endpoint a
 * process. */
void aec_begin_interrupts(struct aec *e);
void aec_end_interrupts(struct aec *e);

#endif
