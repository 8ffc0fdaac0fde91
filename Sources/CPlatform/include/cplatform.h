// The few Linux calls that Swift's Glibc overlay does not import, or that are shorter and safer in C.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <pthread.h>
#include <stdint.h>

// A non-blocking, close-on-exec eventfd, or -1 with errno set.
int cplatform_eventfd(void);

// Starts a named thread with SIGINT, SIGTERM and SIGHUP blocked from its first instruction on.
// `name` has at most 15 bytes. Returns 0, or an errno value.
int cplatform_start_thread(pthread_t *thread, const char *name, void *(*entry)(void *), void *context);

// Keeps the calling thread on one core. Returns 0, or an errno value.
int cplatform_pin_to_core(int core);

// From now on memory is shared out from two pools, and not from one for each thread, and what is large goes back to the kernel as
// soon as it is freed: glibc would keep blocks up to 32 MiB once one of that size was freed. To be called before threads are
// started. With 10,000 sensors it saves 6 of 77 MiB (4 threads that work, 20 that mostly sleep).
void cplatform_keep_heap_small(void);

// Gives memory that has been freed back to the kernel, all that lies in whole pages. Takes milliseconds for each hundred MiB.
void cplatform_trim_heap(void);

// From now on a process that dies of a fault, a failed check or for want of memory says so on standard error, in one line that
// is a log event (`daemon.crashed`), and is dead after so many seconds, whatever a backtrace of it takes.
void cplatform_announce_crashes(int seconds);

// Tells the core that this is a spin loop (PAUSE on x86, YIELD on Arm).
static inline void cplatform_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

#endif
