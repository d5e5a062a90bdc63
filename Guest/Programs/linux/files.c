/* Files, directories, pipes and polling, in a temporary directory that is gone afterwards. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests.h"

static void read_and_write(void) {
  char text[64] = {0};
  int fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0640);
  check(fd >= 0, "create");
  check(write(fd, "hello world", 11) == 11, "write");
  check(lseek(fd, 6, SEEK_SET) == 6 && read(fd, text, 64) == 5 && strcmp(text, "world") == 0, "seek and read");
  check(read(fd, text, 64) == 0, "read at the end");
  check(pread(fd, text, 5, 0) == 5 && memcmp(text, "hello", 5) == 0, "pread");
  check(pwrite(fd, "J", 1, 0) == 1 && lseek(fd, 0, SEEK_CUR) == 11, "pwrite leaves the position");

  struct iovec parts[2] = {{text, 2}, {text + 32, 30}};
  lseek(fd, 0, SEEK_SET);
  check(readv(fd, parts, 2) == 11 && memcmp(text, "Je", 2) == 0 && memcmp(text + 32, "llo world", 9) == 0, "readv");
  struct iovec more[2] = {{"12", 2}, {"345", 3}};
  check(writev(fd, more, 2) == 5 && lseek(fd, 0, SEEK_END) == 16, "writev");

  check(ftruncate(fd, 100000) == 0 && lseek(fd, 0, SEEK_END) == 100000, "extend");
  check(pread(fd, text, 1, 50000) == 1 && text[0] == 0, "a hole reads as zero");
  check(ftruncate(fd, 4) == 0 && pread(fd, text, 64, 0) == 4, "shrink");

  int copy = dup(fd);
  check(copy > fd && lseek(copy, 2, SEEK_SET) == 2 && lseek(fd, 0, SEEK_CUR) == 2, "dup shares the position");
  check(fcntl(copy, F_GETFD) == 0 && fcntl(copy, F_SETFD, FD_CLOEXEC) == 0 && fcntl(copy, F_GETFD) == FD_CLOEXEC, "fcntl");
  check((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR, "access mode");
  close(copy);

  int append = open("a", O_WRONLY | O_APPEND);
  check(write(append, "!", 1) == 1 && lseek(fd, 0, SEEK_END) == 5, "append");
  check(read(append, text, 1) == -1 && errno == EBADF, "read of a write-only descriptor: EBADF");
  close(append);
  close(fd);
  check(close(fd) == -1 && errno == EBADF, "close twice: EBADF");
}

static void status(void) {
  struct stat s;
  check(stat("a", &s) == 0 && S_ISREG(s.st_mode) && (s.st_mode & 0777) == 0640, "stat: type and mode");
  check(s.st_size == 5 && s.st_nlink == 1, "stat: size and links");
  check(s.st_mtim.tv_sec > 1000000000 && s.st_blksize >= 512, "stat: time and block size");
  check(chmod("a", 0600) == 0 && stat("a", &s) == 0 && (s.st_mode & 0777) == 0600, "chmod");
  check(access("a", R_OK | W_OK) == 0 && access("a", X_OK) == -1 && errno == EACCES, "access");
  check(stat("none", &s) == -1 && errno == ENOENT, "stat of nothing: ENOENT");
  check(open("a", O_RDWR | O_CREAT | O_EXCL, 0600) == -1 && errno == EEXIST, "O_EXCL: EEXIST");
  check(open("a/b", O_RDONLY) == -1 && errno == ENOTDIR, "a file as a directory: ENOTDIR");

  struct statx x;
  check(statx(AT_FDCWD, "a", 0, STATX_BASIC_STATS, &x) == 0 && x.stx_size == 5, "statx");
}

static int is_name(const struct dirent *e) { return e->d_name[0] != '.'; }

static void names(void) {
  check(link("a", "b") == 0 && symlink("a", "c") == 0 && mkdir("d", 0700) == 0, "link, symlink, mkdir");
  char target[16] = {0};
  struct stat s;
  check(readlink("c", target, sizeof target) == 1 && target[0] == 'a', "readlink");
  check(lstat("c", &s) == 0 && S_ISLNK(s.st_mode) && stat("b", &s) == 0 && s.st_nlink == 2, "lstat and link count");
  check(rename("b", "d/e") == 0 && access("b", F_OK) == -1 && access("d/e", F_OK) == 0, "rename into a directory");
  check(rename("d", "f") == 0 && access("f/e", F_OK) == 0, "rename a directory");
  check(rmdir("f") == -1 && errno == ENOTEMPTY, "rmdir of a full directory: ENOTEMPTY");

  struct dirent **entries;
  int n = scandir(".", &entries, is_name, alphasort);
  printf("entries:");
  for (int i = 0; i < n; i++) {
    printf(" %s%s", entries[i]->d_name, entries[i]->d_type == DT_DIR ? "/" : entries[i]->d_type == DT_LNK ? "@" : "");
    free(entries[i]);
  }
  printf("\n");
  free(entries);

  int directory = open("f", O_RDONLY | O_DIRECTORY);
  int inside = openat(directory, "e", O_RDONLY);
  check(directory >= 0 && inside >= 0, "openat");
  check(unlinkat(directory, "e", 0) == 0 && fstat(inside, &s) == 0 && s.st_nlink == 1, "an unlinked open file lives on");
  close(inside);
  close(directory);
  char here[512], back[512];
  check(getcwd(here, sizeof here) && chdir("f") == 0 && getcwd(back, sizeof back) && strlen(back) == strlen(here) + 2 &&
            chdir("..") == 0, "getcwd and chdir");

  /* More entries than one getdents call returns. */
  char name[16];
  for (int i = 0; i < 600; i++) {
    snprintf(name, sizeof name, "f/%d", i);
    close(open(name, O_CREAT | O_WRONLY, 0600));
  }
  DIR *many = opendir("f");
  int count = 0;
  for (struct dirent *e; (e = readdir(many));) count += is_name(e);
  closedir(many);
  check(count == 600, "a directory of 600 entries");
  for (int i = 0; i < 600; i++) {
    snprintf(name, sizeof name, "f/%d", i);
    unlink(name);
  }
}

static void pipes(void) {
  int ends[2];
  char text[8] = {0};
  check(pipe2(ends, O_NONBLOCK) == 0, "pipe2");
  check(read(ends[0], text, 1) == -1 && errno == EAGAIN, "empty pipe: EAGAIN");
  struct pollfd p = {.fd = ends[0], .events = POLLIN};
  check(poll(&p, 1, 0) == 0, "poll: nothing");
  check(write(ends[1], "xyz", 3) == 3 && poll(&p, 1, 1000) == 1 && p.revents == POLLIN, "poll: readable");
  check(read(ends[0], text, 8) == 3 && strcmp(text, "xyz") == 0, "what was written");
  close(ends[1]);
  check(read(ends[0], text, 8) == 0, "end of the pipe");
  close(ends[0]);
}

static void bad_pointers(void) {
  int fd = open("a", O_RDWR);
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(page + 4096, 4096);
  void *volatile page_0 = (void *)8; /* volatile: the compiler knows that it is bad */
  check(write(fd, page_0, 4) == -1 && errno == EFAULT, "write from page 0: EFAULT");
  check(read(fd, (void *)-8L, 4) == -1 && errno == EFAULT, "read to the last address: EFAULT");
  check(write(fd, (void *)(1L << 38), 4) == -1 && errno == EFAULT, "write from 2^38: EFAULT");
  check(open((char *)16, O_RDONLY) == -1 && errno == EFAULT, "open of a bad path: EFAULT");
  memset(page + 4090, 'x', 6);
  check(open(page + 4090, O_RDONLY) == -1 && errno == EFAULT, "a path that runs out of its page: EFAULT");
  struct stat *s = (struct stat *)(page + 4090);
  check(fstat(fd, s) == -1 && errno == EFAULT, "a result that runs out of its page: EFAULT");
  close(fd);
  munmap(page, 4096);
}

int files_test(int argc, char **argv) {
  (void)argc, (void)argv;
  const char *parent = getenv("TMPDIR");
  char directory[256];
  snprintf(directory, sizeof directory, "%s/linux-tests-XXXXXX", parent ? parent : "/tmp");
  if (!mkdtemp(directory) || chdir(directory) != 0) {
    perror(directory);
    return 1;
  }
  umask(0);
  read_and_write();
  status();
  names();
  pipes();
  bad_pointers();
  check(unlink("a") == 0 && unlink("c") == 0 && rmdir("f") == 0 && chdir("/") == 0 && rmdir(directory) == 0, "clean up");
  return failures() != 0;
}
