#define UTS_RELEASE "polycube"
