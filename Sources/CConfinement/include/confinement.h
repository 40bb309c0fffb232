// What a process gives up for good, as far as Swift cannot say it.
#ifndef HEARTH_CONFINEMENT_H
#define HEARTH_CONFINEMENT_H

// Closes every descriptor from `first` on.
void hearth_close_from(int first);

// The process ends with its parent, and gains no rights by whatever it might start. Returns 0, or an errno.
int hearth_follow_parent(void);

// From now on no system call works but those of memory, of open files, of time, and of ending. Returns 0, or an errno where the
// system has no such thing.
int hearth_give_up_system_calls(void);

#endif
