/* A bytecode interpreter inside the guest: indirect jumps through a switch, as in every scripting language.
 * The program sums n*n - (n xor 5) for n downto 1, in a loop of sixteen instructions. */
#include "kernels.h"

enum op { PUSH, LOAD, STORE, ADD, SUB, MUL, XOR, JUMP_IF, HALT };

static uint64_t interpret(const int32_t *code, uint64_t n) {
  uint64_t stack[16], variables[2] = {n, 0}, *top = stack;
  for (;;) {
    int32_t operand = code[1];
    switch ((enum op)code[0]) {
      case PUSH: *top++ = (uint64_t)operand; break;
      case LOAD: *top++ = variables[operand]; break;
      case STORE: variables[operand] = *--top; break;
      case ADD: top--, top[-1] += top[0]; break;
      case SUB: top--, top[-1] -= top[0]; break;
      case MUL: top--, top[-1] *= top[0]; break;
      case XOR: top--, top[-1] ^= top[0]; break;
      case JUMP_IF:
        if (*--top) {
          code += 2 * operand;
          continue;
        }
        break;
      case HALT: return variables[1];
    }
    code += 2;
  }
}

static uint64_t run(unsigned repeat) {
  static const int32_t program[] = {
      LOAD, 1, LOAD, 0, LOAD, 0, MUL, 0, ADD, 0, /* sum + n*n */
      LOAD, 0, PUSH, 5, XOR, 0, SUB, 0, STORE, 1, /* - (n ^ 5) */
      LOAD, 0, PUSH, 1, SUB, 0, STORE, 0,         /* n-- */
      LOAD, 0, JUMP_IF, -15, HALT, 0,
  };
  uint64_t hash = 0;
  for (unsigned r = 0; r < repeat; r++) hash = mix(hash, interpret(program, 20000 + r));
  return hash;
}

const struct kernel switchvm = {"switchvm", 200, run};
