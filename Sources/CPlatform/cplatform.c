#define _GNU_SOURCE  // pthread_setname_np, CPU_SET
#include "cplatform.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>

int cplatform_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int cplatform_start_thread(pthread_t *thread, const char *name, void *(*entry)(void *), void *context) {
    // A thread inherits its creator's mask: blocking around the creation leaves no moment unprotected.
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    int error = pthread_sigmask(SIG_BLOCK, &blocked, &before);
    if (error != 0) return error;
    error = pthread_create(thread, NULL, entry, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    // A thread that has already returned has no name to set; that is no failure.
    if (error == 0) pthread_setname_np(*thread, name);
    return error;
}

void cplatform_keep_heap_small(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

void cplatform_trim_heap(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

int cplatform_pin_to_core(int core) {
    if (core < 0 || core >= CPU_SETSIZE) return EINVAL;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    return pthread_setaffinity_np(pthread_self(), sizeof cores, &cores);
}
