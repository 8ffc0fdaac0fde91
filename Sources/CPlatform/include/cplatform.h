// The few Linux calls that Swift's Glibc overlay does not import.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdint.h>

// A non-blocking, close-on-exec eventfd, or -1 with errno set.
int cplatform_eventfd(void);

// Tells the core that this is a spin loop (PAUSE on x86, YIELD on Arm).
static inline void cplatform_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

#endif
