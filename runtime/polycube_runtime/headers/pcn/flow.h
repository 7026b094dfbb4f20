/* What a cube may have on its way to the daemon at any time, packets and log lines each: PCN_WINDOW. What exceeds it is
   dropped and counted here, for a few nanoseconds, before it costs a copy or anybody else's place in the buffers. The
   daemon makes room by writing how many it is done with, at its own pace (core/slow/slowpath.py); when it is slow, stopped or
   dead, nothing here waits for it. */

enum { PCN_UP_PACKET, PCN_UP_LINE, PCN_UPS };
#define PCN_WINDOW 256
#define PCN_MAX_CUBES 1024

/* By cube. Programs write the one map and the daemon the other, so that neither overwrites what the other counts. */
struct pcn_flow {
  struct {
    u64 sent;
    u64 dropped;
  } up[PCN_UPS];
};
BPF_TABLE("array", u32, struct pcn_flow, pcn_flow, PCN_MAX_CUBES);
struct pcn_taken {
  u64 up[PCN_UPS];
};
BPF_TABLE("array", u32, struct pcn_taken, pcn_taken, PCN_MAX_CUBES);

/* Whether one more may go up; it is counted as sent. CPUs that ask at once may exceed the window by one each. */
static __always_inline int pcn_may_go_up(const u32 what) {
  u32 cube = CUBE_ID;
  struct pcn_flow *flow = pcn_flow.lookup(&cube);
  struct pcn_taken *taken = pcn_taken.lookup(&cube);
  if (!flow || !taken)
    return 0;
  if ((s64)(flow->up[what].sent - taken->up[what]) >= PCN_WINDOW) {
    __sync_fetch_and_add(&flow->up[what].dropped, 1);
    return 0;
  }
  __sync_fetch_and_add(&flow->up[what].sent, 1);
  return 1;
}

/* It could not be sent after all. */
static __always_inline void pcn_stayed_here(const u32 what) {
  u32 cube = CUBE_ID;
  struct pcn_flow *flow = pcn_flow.lookup(&cube);
  if (!flow)
    return;
  __sync_fetch_and_add(&flow->up[what].sent, -1);
  __sync_fetch_and_add(&flow->up[what].dropped, 1);
}
