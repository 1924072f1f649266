/* Sends audio on an absolute schedule: 50 frames a second per client, phases spread over 20 ms. */
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define FRAME_QUEUE 65536 /* A client further behind than this drops its frame and says so. */
#define AHEAD_QUEUE (1 << 20)
#define AHEAD_FRAMES 100
#define LATE_NS 5000000LL
#define STALL_NS 400000000LL
#define BATCH 32

enum { LOUD, SILENT, KINDS };

static uint8_t *templates[KINDS][MASKS], keys[MASKS][4];
static int header_len;
static int64_t tick;
static int turn;

/* Frames are masked once; a send only rewrites the stamp. */
void build_templates(void) {
    srandom(opt.seed);
    header_len = opt.frame < 126 ? 2 : 4;
    for (int m = 0; m < MASKS; m++) {
        for (int i = 0; i < 4; i++) keys[m][i] = (uint8_t)(1 + random() % 255);
        for (int kind = 0; kind < KINDS; kind++) {
            uint8_t *f = templates[kind][m] = calloc(1, (size_t)opt.frame + 16);
            f[0] = 0x82;
            f[1] = 0x80 | (opt.frame < 126 ? (uint8_t)opt.frame : 126);
            f[2] = (uint8_t)(opt.frame >> 8);
            f[3] = (uint8_t)opt.frame;
            memcpy(f + header_len, keys[m], 4);
            uint8_t *pcm = f + header_len + 4;
            for (int i = 0; kind == LOUD && i + 1 < opt.frame; i += 2) {
                int16_t sample = (int16_t)(random() % 16000 - 8000);
                memcpy(pcm + i, &sample, 2);
            }
            for (int i = 0; i < opt.frame; i++) pcm[i] ^= keys[m][i & 3];
        }
    }
}

static void send_frame(struct conn *c, int kind, int64_t stamped, size_t queue_limit) {
    int m = (int)((c->seq + c->index) % MASKS);
    uint8_t *f = templates[kind][m];
    if (kind == LOUD) {
        uint8_t stamp[STAMP_BYTES];
        uint32_t magic = STAMP_MAGIC;
        c->seq++;
        memcpy(stamp, &magic, 4);
        memcpy(stamp + 4, &c->index, 4);
        memcpy(stamp + 8, &c->seq, 4);
        memcpy(stamp + 12, &stamped, 8);
        for (int i = 0; i < STAMP_BYTES; i++) f[header_len + 4 + i] = stamp[i] ^ keys[m][i & 3];
        c->stamps_sent += in_window(stamped);
    }
    send_bytes(c, f, (size_t)(header_len + 4 + opt.frame), queue_limit);
}

/* Speech of 1.5 s, then a pause of 0.5 s in which a server may shorten its queue. */
static void speak_with_pauses(struct conn *c, int64_t due) {
    bool pause = (due - start_at) % (4 * SLOT_NS) >= 3 * SLOT_NS;
    send_frame(c, pause ? SILENT : LOUD, due, AHEAD_QUEUE);
}

static void stall_or_speak(struct conn *c, int64_t due) {
    if (due >= stall_at && due < stall_at + STALL_NS) {
        c->phase++;
        return;
    }
    for (; c->phase > 0; c->phase--) speak_with_pauses(c, due - c->phase * FRAME_NS);
    speak_with_pauses(c, due);
}

static void send_one(struct conn *c, int64_t due) {
    int64_t now = now_ns(), lag = now - due;
    if (in_window(now)) {
        tot.sent += c->role != ROLE_MUTE && c->role != ROLE_CLEAR;
        tot.late_sends += lag > LATE_NS;
        if (lag > tot.worst_lag) tot.worst_lag = lag;
    }
    if (c->role == ROLE_SPEAK) send_frame(c, LOUD, now, FRAME_QUEUE);
    if (c->role == ROLE_ZERO) send_frame(c, SILENT, 0, FRAME_QUEUE);
    if (c->role == ROLE_STALL) stall_or_speak(c, due);
}

int64_t next_due(void) { return start_at + tick * FRAME_NS + turn * FRAME_NS / conn_count; }

/* Send what is due, a batch at a time, so that reading never waits long. */
void send_due(int64_t now) {
    for (int sent = 0; sent < BATCH && next_due() <= now; sent++) {
        struct conn *c = &conns[turn];
        if (c->state == LIVE) send_one(c, next_due());
        if (++turn == conn_count) {
            turn = 0;
            tick++;
        }
    }
}

static void ask_to_clear(struct conn *c) {
    send_control(c, 1, opt.clear_text, strlen(opt.clear_text));
    int64_t asked = now_ns();
    tot.clears++;
    for (int i = 0; i < conn_count; i++)
        if (conns[i].room == c->room && &conns[i] != c) conns[i].clear_at = asked;
}

/* Clearing clients act at random moments, independent of every schedule. */
void clear_due(int64_t now) {
    static int64_t quiet_until;
    if (now < quiet_until) return;
    quiet_until = INT64_MAX;
    for (int i = 0; i < conn_count; i++) {
        struct conn *c = &conns[i];
        if (c->role != ROLE_CLEAR || c->state != LIVE) continue;
        if (now < c->next_action) {
            if (c->next_action < quiet_until) quiet_until = c->next_action;
            continue;
        }
        quiet_until = now;
        if (c->next_action && c->phase) {
            ask_to_clear(c);
            c->next_action = now_ns() + SECOND_NS / 2 + random() % SECOND_NS;
        } else {
            for (int k = 0; k < AHEAD_FRAMES; k++) send_frame(c, LOUD, now_ns(), AHEAD_QUEUE);
            c->next_action = now_ns() + SECOND_NS / 2 + random() % SECOND_NS;
        }
        c->phase = !c->phase;
    }
}
