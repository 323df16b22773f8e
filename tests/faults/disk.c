/* Between a program and one directory: what it does to the files in there, in its order.

   Loaded by LD_PRELOAD. Every write, cut, new name and flush below FAULTS_WATCH is done and then
   appended to FAULTS_RECORD, with the moment at which it began; no two happen at the same time.
   While the file FAULTS_FULL exists, the directory has no room left. Linux. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, CUT = 2, FLUSH = 3, RENAME = 4, UNLINK = 5, MKDIR = 6 };

struct head {
    double at;
    uint32_t kind, path;
    int64_t offset, size;
};

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *watch, *full;
static size_t watched;
static int record = -1;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_cut)(int, off64_t), (*real_fsync)(int), (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *), (*real_unlink)(const char *);
static int (*real_mkdir)(const char *, mode_t);

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_cut = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_mkdir = dlsym(RTLD_NEXT, "mkdir");
    watch = getenv("FAULTS_WATCH");
    full = getenv("FAULTS_FULL");
    watched = watch ? strlen(watch) : 0;
    const char *kept = getenv("FAULTS_RECORD");
    if (kept && *kept)
        record = open(kept, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The path within the watched directory ("" is the directory itself), or NULL. */
static const char *within(const char *path) {
    if (!watched || strncmp(path, watch, watched) || (path[watched] && path[watched] != '/'))
        return NULL;
    path += watched;
    return *path ? path + 1 : path;
}

static const char *of_handle(int handle, char place[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, place, PATH_MAX - 1);
    if (length < 0)
        return NULL;
    place[length] = 0;
    return within(place);
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void note(double at, uint32_t kind, const char *path, int64_t offset, const void *data,
                 size_t size) {
    if (record < 0)
        return;
    struct head head = {at, kind, (uint32_t)strlen(path), offset, (int64_t)size};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)data, size}};
    int before = errno;
    if (syscall(SYS_writev, record, parts, data ? 3 : 2) < 0)
        abort(); /* a record with a hole proves nothing */
    errno = before;
}

static int no_room(void) {
    if (!full || access(full, F_OK))
        return 0;
    errno = ENOSPC;
    return 1;
}

#define WATCHED(path, call, noted, failed)                                                         \
    if (!path)                                                                                     \
        return call;                                                                               \
    pthread_mutex_lock(&turn);                                                                     \
    double began = now();                                                                          \
    __typeof__(call) done = (failed) ? -1 : call;                                                  \
    if (done >= 0)                                                                                 \
        noted;                                                                                     \
    pthread_mutex_unlock(&turn);                                                                   \
    return done

ssize_t write(int handle, const void *data, size_t size) {
    char place[PATH_MAX];
    const char *path = of_handle(handle, place);
    WATCHED(path, real_write(handle, data, size),
            note(began, WRITE, path, lseek(handle, 0, SEEK_CUR) - done, data, (size_t)done),
            no_room());
}

ssize_t pwrite64(int handle, const void *data, size_t size, off64_t offset) {
    char place[PATH_MAX];
    const char *path = of_handle(handle, place);
    WATCHED(path, real_pwrite(handle, data, size, offset),
            note(began, WRITE, path, offset, data, (size_t)done), no_room());
}

ssize_t pwrite(int handle, const void *data, size_t size, off_t offset) {
    return pwrite64(handle, data, size, offset);
}

int ftruncate64(int handle, off64_t size) {
    char place[PATH_MAX];
    const char *path = of_handle(handle, place);
    WATCHED(path, real_cut(handle, size), note(began, CUT, path, size, NULL, 0), 0);
}

int ftruncate(int handle, off_t size) { return ftruncate64(handle, size); }

int fsync(int handle) {
    char place[PATH_MAX];
    const char *path = of_handle(handle, place);
    WATCHED(path, real_fsync(handle), note(began, FLUSH, path, 0, NULL, 0), 0);
}

int fdatasync(int handle) {
    char place[PATH_MAX];
    const char *path = of_handle(handle, place);
    WATCHED(path, real_fdatasync(handle), note(began, FLUSH, path, 0, NULL, 0), 0);
}

int rename(const char *from, const char *to) {
    const char *path = within(from), *new = within(to);
    WATCHED(path, real_rename(from, to),
            note(began, RENAME, path, 0, new ? new : "", new ? strlen(new) : 0), 0);
}

int unlink(const char *name) {
    const char *path = within(name);
    WATCHED(path, real_unlink(name), note(began, UNLINK, path, 0, NULL, 0), 0);
}

int mkdir(const char *name, mode_t mode) {
    const char *path = within(name);
    WATCHED(path, real_mkdir(name, mode), note(began, MKDIR, path, 0, NULL, 0), no_room());
}
