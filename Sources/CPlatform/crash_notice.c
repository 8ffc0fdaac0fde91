// What a process says when it dies of a signal, and how soon it is dead.
#define _GNU_SOURCE  // gettid
#include "cplatform.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Swift traps with SIGILL or SIGTRAP, also where memory has run out.
static const int fatal[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
enum { fatal_count = sizeof fatal / sizeof *fatal };

static struct sigaction earlier[fatal_count];
static atomic_flag has_begun = ATOMIC_FLAG_INIT;
static int seconds_left;

// A number in so many digits. printf and gmtime are not safe in a signal handler.
static char *digits(char *at, unsigned value, int count) {
    for (int place = count - 1; place >= 0; place--, value /= 10) at[place] = (char)('0' + value % 10);
    return at + count;
}

static char *text(char *at, const char *words) {
    while (*words) *at++ = *words++;
    return at;
}

// `2026-11-22T23:05:37.120Z`. The date: Howard Hinnant's civil_from_days.
static char *moment(char *at) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    unsigned days = (unsigned)(now.tv_sec / 86400) + 719468, second = (unsigned)(now.tv_sec % 86400);
    unsigned era = days / 146097, of_era = days % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100), part = (5 * of_year + 2) / 153;
    unsigned month = part < 10 ? part + 3 : part - 9;
    at = text(digits(at, year + era * 400 + (month <= 2), 4), "-");
    at = text(digits(at, month, 2), "-");
    at = text(digits(at, of_year - (153 * part + 2) / 5 + 1, 2), "T");
    at = text(digits(at, second / 3600, 2), ":");
    at = text(digits(at, second / 60 % 60, 2), ":");
    at = text(digits(at, second % 60, 2), ".");
    return text(digits(at, (unsigned)(now.tv_nsec / 1000000), 3), "Z");
}

static void say(int number) {
    char line[256], *at = text(line, "\n{\"time\":\"");
    at = text(moment(at), "\",\"level\":\"critical\",\"event\":\"daemon.crashed\",\"logger\":\"sluice\",\"signal\":");
    at = text(number < 10 ? digits(at, (unsigned)number, 1) : digits(at, (unsigned)number, 2), "}\n");
    ssize_t written = write(STDERR_FILENO, line, (size_t)(at - line));
    (void)written;
}

// Who writes a backtrace reads the whole program's symbols: where memory has run out that may take minutes. No signal that
// can be blocked would end it, as all threads stand in its handler.
static void limit(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    struct itimerspec when = {.it_value = {.tv_sec = seconds_left}};
    int timer = 0;
    if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0) {
        syscall(SYS_timer_settime, timer, 0, &when, NULL);
    }
}

static void die(int number, siginfo_t *info, void *context) {
    if (!atomic_flag_test_and_set(&has_begun)) {
        say(number);
        limit();
    }
    for (int place = 0; place < fatal_count; place++) {
        if (fatal[place] != number) continue;
        // Whoever came before: Swift's backtrace, a sanitizer.
        if (earlier[place].sa_flags & SA_SIGINFO) {
            earlier[place].sa_sigaction(number, info, context);
        } else if (earlier[place].sa_handler != SIG_DFL && earlier[place].sa_handler != SIG_IGN) {
            earlier[place].sa_handler(number);
        }
    }
    signal(number, SIG_DFL);
    syscall(SYS_tgkill, getpid(), gettid(), number);
}

void cplatform_announce_crashes(int seconds) {
    seconds_left = seconds;
    for (int place = 0; place < fatal_count; place++) {
        struct sigaction mine = {.sa_sigaction = die, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigfillset(&mine.sa_mask);
        sigaction(fatal[place], &mine, &earlier[place]);
    }
}
