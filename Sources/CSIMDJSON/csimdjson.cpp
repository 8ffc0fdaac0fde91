extern "C" int csj_x(void) { return 1; }
