/* Both ends of a lane as they are written by somebody who believes the other side: they speak AEC v1 and check nothing. */
#ifndef NAIVE_H
#define NAIVE_H

#include "aec.h"

/* Serves what waits; arguments are used where they lie. */
void naive_serve(struct aec_rx *r);

/* Takes one completion, for whichever call has the slot that its cookie names; the slot. */
uint32_t naive_take(struct aec_tx *t, struct aec_result *result);

#endif
