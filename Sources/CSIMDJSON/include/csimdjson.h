int csj_x(void);
