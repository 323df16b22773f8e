/* A wrong clock for one program: it is ahead by as many seconds as FAULTS_CLOCK, a file, says.

   Loaded by LD_PRELOAD. Only the time of day is wrong; what waits goes by a clock of its own. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long ahead(void) {
    char told[32] = "";
    const char *file = getenv("FAULTS_CLOCK");
    int handle = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (handle >= 0) {
        if (read(handle, told, sizeof told - 1) < 0)
            told[0] = 0;
        close(handle);
    }
    return atol(told);
}

int clock_gettime(clockid_t which, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(which, at);
    if (!done && which == CLOCK_REALTIME)
        at->tv_sec += ahead();
    return done;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    int done = clock_gettime(CLOCK_REALTIME, &exact);
    at->tv_sec = exact.tv_sec;
    at->tv_usec = exact.tv_nsec / 1000;
    return done;
}

time_t time(time_t *at) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (at)
        *at = exact.tv_sec;
    return exact.tv_sec;
}
