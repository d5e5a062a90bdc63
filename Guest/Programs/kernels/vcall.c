/* Virtual calls: a list of objects of six classes in random order, each class with its table of functions. */
#include "kernels.h"

struct shape;
struct class {
  int64_t (*area)(const struct shape *);
  void (*grow)(struct shape *, int64_t by);
  int (*holds)(const struct shape *, int64_t x, int64_t y);
};

struct shape {
  const struct class *class;
  int64_t x, y, width, height;
};

static int64_t rectangle_area(const struct shape *s) { return s->width * s->height; }
static int64_t triangle_area(const struct shape *s) { return s->width * s->height / 2; }
static int64_t square_area(const struct shape *s) { return s->width * s->width; }
static int64_t frame_area(const struct shape *s) { return 2 * (s->width + s->height); }
static int64_t point_area(const struct shape *s) { return s->x == s->y; }
static int64_t disc_area(const struct shape *s) { return s->width * s->width * 355 / 452; }

static void grow_both(struct shape *s, int64_t by) { s->width += by, s->height += by; }
static void grow_width(struct shape *s, int64_t by) { s->width += by; }
static void grow_wrapping(struct shape *s, int64_t by) {
  s->width = (s->width + by) % 1000;
  s->height = (s->height + 2 * by) % 1000;
}
static void grow_nothing(struct shape *s, int64_t by) { s->x += by, s->y -= by; }

static int in_box(const struct shape *s, int64_t x, int64_t y) {
  return x >= s->x && x < s->x + s->width && y >= s->y && y < s->y + s->height;
}
static int in_circle(const struct shape *s, int64_t x, int64_t y) {
  int64_t dx = x - s->x, dy = y - s->y;
  return dx * dx + dy * dy <= s->width * s->width;
}
static int at_point(const struct shape *s, int64_t x, int64_t y) { return s->x == x && s->y == y; }

static const struct class classes[] = {
    {rectangle_area, grow_both, in_box}, {triangle_area, grow_wrapping, in_box}, {square_area, grow_width, in_box},
    {frame_area, grow_both, in_box},     {point_area, grow_nothing, at_point},   {disc_area, grow_width, in_circle},
};

static uint64_t run(unsigned repeat) {
  enum { SHAPES = 1000 };
  static struct shape shapes[SHAPES];
  uint64_t seed = 9, hash = 0;
  for (int i = 0; i < SHAPES; i++) {
    uint64_t random = next_random(&seed);
    shapes[i] = (struct shape){&classes[random % 6], (int64_t)(random >> 10 & 255), (int64_t)(random >> 20 & 255),
                               (int64_t)(random >> 30 & 127), (int64_t)(random >> 40 & 127)};
  }
  for (unsigned r = 0; r < repeat; r++) {
    uint64_t sum = 0;
    for (int i = 0; i < SHAPES; i++) {
      struct shape *s = &shapes[i];
      sum += (uint64_t)s->class->area(s);
      s->class->grow(s, (int64_t)(sum & 3) - 1);
      sum += (uint64_t)s->class->holds(s, (int64_t)(r & 255), (int64_t)(i & 255));
    }
    hash = mix(hash, sum);
  }
  return hash;
}

const struct kernel vcall = {"vcall", 8000, run};
