/* How long threads work without the interpreter's lock: to be loaded before Python (LD_PRELOAD), by bench/cores.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

static _Atomic long long all_ns = 0;
static __thread long long since_ns = 0;

static long long now_ns(void) { /* of the processor time of this thread */
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void *PyEval_SaveThread(void) { /* gives the lock back */
    void *state = ((void *(*)(void))dlsym(RTLD_NEXT, "PyEval_SaveThread"))();
    since_ns = now_ns();
    return state;
}

void PyEval_RestoreThread(void *state) { /* takes it again */
    if (since_ns) all_ns += now_ns() - since_ns;
    since_ns = 0;
    ((void (*)(void *))dlsym(RTLD_NEXT, "PyEval_RestoreThread"))(state);
}

long long without_lock_ns(void) { return all_ns; }
