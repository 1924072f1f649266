/* Load generator for WebSocket conference mixers: N clients on one thread and one epoll. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FRAME_NS 20000000LL /* One audio frame lasts 20 ms. */
#define SECOND_NS 1000000000LL
#define MASKS 16         /* Masking keys in turn; never zero, some servers skip a zero key. */
#define STAMP_BYTES 20   /* magic, speaker, sequence (u32 each), CLOCK_MONOTONIC ns (u64). */
#define STAMP_MAGIC 0x5ac3f00du
#define BUCKET_NS 10000LL /* Histogram resolution: 10 us up to 5 s. */
#define BUCKETS 500000
#define SLOTS 64 /* Time slots of the stall series, half a second each. */
#define SLOT_NS 500000000LL

/* What a client does, one letter each in the plan's flags. */
enum role {
    ROLE_SPEAK = 's', /* loud frames that carry a stamp */
    ROLE_ZERO = 'z',  /* frames of zeros */
    ROLE_MUTE = 'q',  /* listens only */
    ROLE_CLEAR = 'c', /* sends two seconds ahead, then asks to clear them */
    ROLE_STALL = 'b', /* speaks with pauses; stalls once, then delivers the burst */
};

enum state { NEW, CONNECTING, UPGRADING, WAITING, LIVE, DEAD };

struct conn {
    char *path, *headers, *hello, *ready; /* from the plan, in its memory */
    uint32_t index;
    int room, fd;
    enum state state;
    char role;
    /* Receiving: one frame header, then payload that is looked at but not kept. */
    uint8_t header[14];
    int header_have;
    uint8_t opcode;
    uint64_t remaining, offset;
    uint8_t head[STAMP_BYTES];
    bool loud;     /* a non-zero byte was in this frame */
    bool was_loud; /* ... in the frame before */
    char *text;    /* handshake reply or text message being collected */
    size_t text_len;
    /* Sending. */
    uint8_t *out;
    size_t out_len;
    bool wants_out;
    uint32_t seq;
    /* Statistics of the measured window. */
    int32_t *arrivals; /* us after the start of the window, one per received frame */
    int arrival_count, arrival_cap;
    uint64_t stamps_sent, stamps_heard;
    uint32_t last_seq;
    int64_t clear_at; /* a clear went out then and silence is awaited */
    int64_t loud_at;  /* the latest frame with sound came then */
    int64_t next_action;
    int phase;
};

struct options {
    const char *plan, *clear_text;
    int port, frame, parallel;
    double warmup, duration, open_timeout;
    uint32_t seed;
};

struct totals {
    uint64_t sent, received, texts, pings, send_blocked, client_dropped, late_sends, own_heard,
        duplicates, closed, clears, clears_missed;
    int64_t worst_lag;
    uint32_t *latency, *clear, *tail;
    uint64_t latency_count, clear_count, tail_count;
    int64_t latency_max, clear_max, tail_max;
    double slot_sum[SLOTS], slot_max[SLOTS];
    uint64_t slot_count[SLOTS];
};

extern struct options opt;
extern struct totals tot;
extern struct conn *conns;
extern int conn_count, live_count, dead_count, epoll_fd;
extern int64_t start_at, window_from, window_to, stall_at;

int64_t now_ns(void);
_Noreturn void fail(const char *what);

/* plan.c */
void read_plan(void);

/* net.c: opening connections, handshakes, writing. */
void open_some(void);
void conn_ready_to_write(struct conn *c);
void conn_live(struct conn *c);
void conn_kill(struct conn *c);
void send_bytes(struct conn *c, const uint8_t *bytes, size_t len, size_t queue_limit);
void send_control(struct conn *c, uint8_t opcode, const void *payload, size_t len);

/* parse.c: everything that arrives. */
void conn_readable(struct conn *c);

/* traffic.c: everything that is sent on schedule. */
void build_templates(void);
int64_t next_due(void);
void send_due(int64_t now);
void clear_due(int64_t now);

/* report.c */
void note(uint32_t *histogram, uint64_t *count, int64_t *max, int64_t ns);
void print_report(double own_cpu);
bool in_window(int64_t at);

#endif
