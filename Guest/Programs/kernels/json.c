/* JSON: a document of 64 KiB is parsed into a tree, the tree is walked, and written out again; what is written must be
 * what was read. Objects, arrays, strings with escapes, numbers with fractions, literals. */
#include "kernels.h"

enum { SIZE = 64 * 1024, NODES = SIZE / 4 };

enum kind { NOTHING, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT };

struct node {
  enum kind kind;
  uint32_t length; /* of text; in a number, digits after the point */
  const char *name, *text;
  uint32_t name_length;
  int64_t number;
  struct node *first, *next;
};

static char document[SIZE + 64], written[SIZE + 64], *end;
static struct node nodes[NODES];
static uint32_t used;

/* ---- Writing ---- */

static void put(char c) {
  if (end < written + SIZE) *end++ = c;
}

static void put_text(const char *text, uint32_t length) {
  put('"');
  for (uint32_t i = 0; i < length; i++) {
    if (text[i] == '"' || text[i] == '\\') put('\\');
    put(text[i]);
  }
  put('"');
}

static void put_number(int64_t number, uint32_t fraction) {
  char digits[24];
  uint32_t n = 0;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  if (number < 0) put('-');
  do digits[n++] = (char)('0' + rest % 10), rest /= 10;
  while (rest || n <= fraction);
  while (n > 0) {
    put(digits[--n]);
    if (n == fraction && n > 0) put('.');
  }
}

static void put_node(const struct node *n) {
  static const char *const literals[] = {"null", "false", "true"};
  switch (n->kind) {
    case NOTHING:
    case FALSE:
    case TRUE:
      for (const char *c = literals[n->kind]; *c; c++) put(*c);
      break;
    case NUMBER: put_number(n->number, n->length); break;
    case STRING: put_text(n->text, n->length); break;
    case ARRAY:
    case OBJECT:
      put(n->kind == ARRAY ? '[' : '{');
      for (const struct node *child = n->first; child; child = child->next) {
        if (child != n->first) put(',');
        if (n->kind == OBJECT) put_text(child->name, child->name_length), put(':');
        put_node(child);
      }
      put(n->kind == ARRAY ? ']' : '}');
      break;
  }
}

/* ---- Reading ---- */

static const char *at;
static char strings[SIZE], *string_end;

static void skip(void) {
  while (*at == ' ' || *at == '\n' || *at == '\t') at++;
}

static const char *parse_text(uint32_t *length) {
  char *text = string_end;
  at++;
  while (*at && *at != '"') {
    if (*at == '\\') at++;
    *string_end++ = *at++;
  }
  at++;
  *length = (uint32_t)(string_end - text);
  return text;
}

static struct node *parse(void) {
  struct node *n = &nodes[used++];
  n->first = n->next = NULL;
  skip();
  switch (*at) {
    case 'n': n->kind = NOTHING, at += 4; break;
    case 'f': n->kind = FALSE, at += 5; break;
    case 't': n->kind = TRUE, at += 4; break;
    case '"':
      n->kind = STRING;
      n->text = parse_text(&n->length);
      break;
    case '[':
    case '{': {
      struct node **tail = &n->first;
      n->kind = *at++ == '[' ? ARRAY : OBJECT;
      for (skip(); *at && *at != ']' && *at != '}'; skip()) {
        const char *name = NULL;
        uint32_t name_length = 0;
        if (n->kind == OBJECT) {
          name = parse_text(&name_length);
          skip();
          at++;
        }
        *tail = parse();
        (*tail)->name = name, (*tail)->name_length = name_length;
        tail = &(*tail)->next;
        skip();
        if (*at == ',') at++;
      }
      at++;
      break;
    }
    default: {
      int negative = *at == '-';
      n->kind = NUMBER, n->number = 0, n->length = 0;
      for (at += negative; *at >= '0' && *at <= '9'; at++) n->number = n->number * 10 + (*at - '0');
      if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++, n->length++) n->number = n->number * 10 + (*at - '0');
      if (negative) n->number = -n->number;
    }
  }
  return n;
}

static uint64_t walk(const struct node *n, uint64_t hash) {
  hash = hash * 31 + (uint64_t)n->kind;
  if (n->kind == NUMBER) return hash ^ (uint64_t)n->number << n->length;
  if (n->kind == STRING)
    for (uint32_t i = 0; i < n->length; i++) hash = hash * 33 + (uint8_t)n->text[i];
  for (const struct node *child = n->kind >= ARRAY ? n->first : NULL; child; child = child->next) hash = walk(child, hash);
  return hash;
}

/* ---- The document ---- */

static struct node *grow(uint64_t *seed, int depth) {
  static const char *const words[] = {"id", "name", "a \"quoted\" word", "path\\to\\it", "value", "children", "x", "a longer string of text, as people write"};
  struct node *n = &nodes[used++];
  uint64_t random = next_random(seed);
  memset(n, 0, sizeof *n);
  n->kind = depth == 0 ? ARRAY : depth < 5 && (random & 3) == 0 ? (random & 4 ? ARRAY : OBJECT) : (enum kind)(random >> 4 & 7) % 5;
  if (n->kind == NUMBER) n->number = (int64_t)(random >> 8 & 0xffffff) - 0x300000, n->length = random >> 40 & 3;
  n->text = words[random >> 50 & 7], n->length = n->kind == STRING ? (uint32_t)strlen(n->text) : n->length;
  n->name = words[random >> 54 & 7], n->name_length = (uint32_t)strlen(n->name);
  if (n->kind < ARRAY) return n;
  struct node **tail = &n->first;
  for (int i = 2 + (int)(random >> 60); depth == 0 ? used < NODES / 5 : i > 0; i--) {
    *tail = grow(seed, depth + 1);
    tail = &(*tail)->next;
  }
  return n;
}

static uint64_t run(unsigned repeat) {
  uint64_t seed = 12, hash = 0;
  used = 0;
  end = written;
  put_node(grow(&seed, 0));
  if (end == written + SIZE) return 0; /* too long to be whole */
  *end = 0;
  memcpy(document, written, sizeof document);
  for (unsigned r = 0; r < repeat; r++) {
    char *digit = document + r * 769 % (unsigned)(end - written);
    if (*digit >= '1' && *digit <= '8') ++*digit;
    used = 0, at = document, string_end = strings;
    struct node *root = parse();
    hash = mix(walk(root, hash), used);
    end = written;
    put_node(root);
    *end = 0;
    if (strcmp(document, written) != 0) return 0;
  }
  return hash;
}

const struct kernel json = {"json", 700, run};
