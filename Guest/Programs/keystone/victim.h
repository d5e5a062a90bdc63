/* What host-breach may ask of the enclaves it attacks with or attacks. */
#ifndef VICTIM_H
#define VICTIM_H

/* hostile_loader.S: the first word of the shared buffer. */
#define HOSTILE_SUM 0  /* returns the sum of the words of the eapp's pages */
#define HOSTILE_JUMP 1 /* jumps to HOSTILE_CODE_OFFSET in the shared buffer */
#define HOSTILE_SEAL 2 /* lets the monitor write a sealing key to the physical address in the second word */
#define HOSTILE_CODE_OFFSET 64

#ifndef __ASSEMBLER__
/* eapp_victim.c: --arg 0. */

enum {
  VICTIM_DIVIDE = 1,       /* returns the bits of 1.0 / 3.0 */
  VICTIM_HOLD_FLOAT = 2,   /* makes a null OCALL with VICTIM_SECRET in fs2 */
  VICTIM_SEND = 3,         /* makes a null OCALL with 256 times VICTIM_SECRET */
  VICTIM_ATTEST_LONG = 4,  /* attests REPORT_DATA bytes of VICTIM_SECRET */
  VICTIM_ATTEST_SHORT = 5, /* attests "nonce" and sends the report */
  VICTIM_EXIT_TWICE = 6,   /* exits with 11, and with 22 when it is resumed behind that */
  VICTIM_STOP = 7,         /* makes a null OCALL and returns 77 */
  VICTIM_SEND_CODE = 8,    /* makes a null OCALL with code that returns VICTIM_CODE_RESULT */
  VICTIM_SEND_RUNTIME = 9, /* sends 64 bytes of its runtime */
  VICTIM_SHARE = 10,       /* leaves 256 times VICTIM_SECRET in its half of the rings and makes a null OCALL */
  VICTIM_SHARE_CODE = 11,  /* the same with code that returns VICTIM_CODE_RESULT */
};

#define VICTIM_SECRET 0x5ec12e75ec12e75eul
#define VICTIM_CODE_RESULT 0x2a
#endif

#endif
