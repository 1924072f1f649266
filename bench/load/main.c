/* Arguments, the event loop and its three phases: open, warm up, measure. */
#define _GNU_SOURCE
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "load.h"

#define EVENTS 256
#define DRAIN_NS 700000000LL  /* frames still under way when the window closes may arrive */
#define NAP_NS 100000LL       /* what falls due or arrives within this time is handled together */
#define SETTLE_NS 300000000LL /* between the last handshake and the first frame */
#define STALL_AFTER_NS 1000000000LL

struct options opt = {.clear_text = "{\"type\":\"clear\"}",
                      .frame = 1920,
                      .parallel = 32,
                      .warmup = 2,
                      .duration = 6,
                      .open_timeout = 60,
                      .seed = 1};
struct totals tot;
struct conn *conns;
int conn_count, live_count, dead_count, epoll_fd;
int64_t start_at, window_from, window_to, stall_at;

int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND_NS + t.tv_nsec;
}

void fail(const char *what) {
    printf("{\"event\":\"error\",\"message\":\"%s\",\"live\":%d,\"dead\":%d}\n", what, live_count,
           dead_count);
    exit(1);
}

static double own_cpu_ns(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e9 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e3;
}

static int wait_for_events(int timeout_ms) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll_fd, events, EVENTS, timeout_ms);
    for (int i = 0; i < ready; i++) {
        struct conn *c = events[i].data.ptr;
        if (c->fd >= 0 && events[i].events & EPOLLOUT) conn_ready_to_write(c);
        if (c->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) conn_readable(c);
    }
    return ready;
}

static void open_all(void) {
    int64_t until = now_ns() + (int64_t)(opt.open_timeout * 1e9);
    while (live_count < conn_count) {
        if (dead_count) fail("the server refused or dropped a client");
        if (now_ns() > until) fail("the clients were not ready in time");
        open_some();
        wait_for_events(10);
    }
}

/*
 * Wake at fixed short intervals instead of at every arrival: one wake-up per frame would cost more
 * than handling it, and the generator must carry 2,000 clients on one core.
 */
static void run_until(int64_t end) {
    for (int64_t now = now_ns(); now < end; now = now_ns()) {
        send_due(now);
        clear_due(now);
        bool full = wait_for_events(0) == EVENTS;
        if (full || next_due() <= now_ns()) continue;
        int64_t wake = (now_ns() / NAP_NS + 1) * NAP_NS;
        struct timespec until = {.tv_sec = wake / SECOND_NS, .tv_nsec = wake % SECOND_NS};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
}

static void say(const char *event) {
    printf("{\"event\":\"%s\"}\n", event);
    fflush(stdout);
}

static void schedule(void) {
    start_at = now_ns() + SETTLE_NS;
    window_from = start_at + (int64_t)(opt.warmup * 1e9);
    window_to = window_from + (int64_t)(opt.duration * 1e9);
    stall_at = window_from + STALL_AFTER_NS;
    tot.latency = calloc(BUCKETS, sizeof *tot.latency);
    tot.clear = calloc(BUCKETS, sizeof *tot.clear);
    tot.tail = calloc(BUCKETS, sizeof *tot.tail);
    for (int i = 0; i < conn_count; i++) {
        struct conn *c = &conns[i];
        c->arrival_cap = (int)(opt.duration * 60) + 100;
        c->arrivals = malloc(sizeof *c->arrivals * (size_t)c->arrival_cap);
        c->next_action = start_at + random() % SECOND_NS;
    }
}

static void parse_arguments(int argc, char **argv) {
    static const struct option known[] = {
        {"plan", 1, 0, 'p'},     {"port", 1, 0, 'P'},     
        {"warmup", 1, 0, 'w'},   {"duration", 1, 0, 'd'}, {"frame", 1, 0, 'f'},
        {"parallel", 1, 0, 'n'}, {"seed", 1, 0, 's'},     {"clear-text", 1, 0, 'c'},
        {"open-timeout", 1, 0, 'o'}, {0}};
    for (int o; (o = getopt_long(argc, argv, "", known, NULL)) != -1;) switch (o) {
            case 'p': opt.plan = optarg; break;
            case 'P': opt.port = atoi(optarg); break;
            case 'w': opt.warmup = atof(optarg); break;
            case 'd': opt.duration = atof(optarg); break;
            case 'f': opt.frame = atoi(optarg); break;
            case 'n': opt.parallel = atoi(optarg); break;
            case 's': opt.seed = (uint32_t)atoi(optarg); break;
            case 'c': opt.clear_text = optarg; break;
            case 'o': opt.open_timeout = atof(optarg); break;
            default: exit(2);
        }
    if (!opt.plan || !opt.port) fail("--plan and --port are needed");
    if (opt.frame < STAMP_BYTES || opt.frame > 65535) fail("--frame must be 20 to 65535 bytes");
}

int main(int argc, char **argv) {
    parse_arguments(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1); /* naps end when they should */
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    read_plan();
    build_templates();
    open_all();
    say("open");
    schedule();
    run_until(window_from);
    say("measure");
    double cpu_from = own_cpu_ns();
    run_until(window_to);
    double own_cpu = (own_cpu_ns() - cpu_from) / (double)(window_to - window_from);
    say("measured");
    run_until(window_to + DRAIN_NS);
    print_report(own_cpu);
    for (int i = 0; i < conn_count; i++)
        if (conns[i].state == LIVE) send_control(&conns[i], 8, "\x03\xe8", 2);
    return 0;
}
