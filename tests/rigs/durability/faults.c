/* Lets writes of a process fail on command: loaded before libc by LD_PRELOAD.
 *
 * FAULT_CONTROL names a file that the test maps too. While it is armed, every call that changes a
 * file whose path holds the named text is counted; the countdown reaching zero, that call fails
 * with the errno asked for, once or from then on. Reads and sockets are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
    _Atomic int64_t armed;
    _Atomic int64_t countdown;
    int64_t error;
    int64_t lasting;
    _Atomic int64_t hits;
    char within[216];
};

static struct control *control;

__attribute__((constructor)) static void open_control(void) {
    const char *path = getenv("FAULT_CONTROL");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) control = mapped;
}

static int is_meant(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, control->within) != NULL;
}

/* Whether this call fails; errno is set then. */
static int fails(int file) {
    if (!control || !atomic_load(&control->armed) || !is_meant(file)) return 0;
    int64_t left = atomic_fetch_sub(&control->countdown, 1);
    if (left > 1 || (left < 1 && !control->lasting)) return 0;
    atomic_fetch_add(&control->hits, 1);
    errno = (int)control->error;
    return 1;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(write);
    return fails(file) ? -1 : real(file, bytes, count);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    REAL(pwrite);
    return fails(file) ? -1 : real(file, bytes, count, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    REAL(pwrite64);
    return fails(file) ? -1 : real(file, bytes, count, at);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(writev);
    return fails(file) ? -1 : real(file, parts, count);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
    REAL(pwritev);
    return fails(file) ? -1 : real(file, parts, count, at);
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
    REAL(pwritev64);
    return fails(file) ? -1 : real(file, parts, count, at);
}
int fsync(int file) {
    REAL(fsync);
    return fails(file) ? -1 : real(file);
}
int fdatasync(int file) {
    REAL(fdatasync);
    return fails(file) ? -1 : real(file);
}
int ftruncate(int file, off_t length) {
    REAL(ftruncate);
    return fails(file) ? -1 : real(file, length);
}
int ftruncate64(int file, off64_t length) {
    REAL(ftruncate64);
    return fails(file) ? -1 : real(file, length);
}
/* These two answer the error instead of setting it. */
int posix_fallocate(int file, off_t at, off_t length) {
    REAL(posix_fallocate);
    return fails(file) ? errno : real(file, at, length);
}
int posix_fallocate64(int file, off64_t at, off64_t length) {
    REAL(posix_fallocate64);
    return fails(file) ? errno : real(file, at, length);
}
