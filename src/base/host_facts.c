/* SPDX-License-Identifier: Apache-2.0 */
#include "base/host_facts.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "base/text.h"

#define KERNEL_NUMBER_MAX 9999

const char *host_facts_architecture(const char *machine)
{
	static const struct {
		const char *machine, *word;
	} words[] = {
		{ "x86_64", "amd64" },
		{ "aarch64", "arm64" },
		{ "armv8l", "arm" },
		{ "armv7l", "arm" },
		{ "armv6l", "arm" },
		{ "i686", "386" },
		{ "i586", "386" },
		{ "i386", "386" },
		{ "loongarch64", "loong64" },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(machine, words[i].machine) == 0)
			return words[i].word;
	return machine; /* riscv64, s390x, ppc64le: the same in both */
}

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

bool host_facts_kernel(const char *release, unsigned *major, unsigned *minor)
{
	size_t major_len = digits(release);
	uint64_t first, second;
	struct err ignored; /* the caller only learns that it is no release */

	if (release[major_len] != '.')
		return false;
	if (text_u64(release, major_len, KERNEL_NUMBER_MAX, &first, &ignored) <
	            0 ||
	    text_u64(release + major_len + 1, digits(release + major_len + 1),
	             KERNEL_NUMBER_MAX, &second, &ignored) < 0)
		return false;
	*major = (unsigned)first;
	*minor = (unsigned)second;
	return true;
}

static int read_machine(struct host_facts *out, struct err *err)
{
	struct utsname name;
	const char *word;

	if (uname(&name) < 0)
		return err_set(err, ERR_SYSTEM, errno, "asking for the kernel");
	word = host_facts_architecture(name.machine);
	if (text_copy(out->architecture, sizeof out->architecture, word,
	              strlen(word), err) < 0 ||
	    !host_facts_kernel(name.release, &out->kernel_major,
	                       &out->kernel_minor))
		return err_set(err, ERR_SYSTEM, 0,
		               "kernel release '%s' on '%s' is not understood",
		               name.release, name.machine);
	return text_copy(out->os, sizeof out->os, "linux", 5, err);
}

static int read_sizes(int dir, struct host_facts *out, struct err *err)
{
	struct sysinfo info;
	struct statvfs st;

	if (sysinfo(&info) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "asking for the size of the memory");
	if (fstatvfs(dir, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "asking for the room on the disk");
	out->memory = (uint64_t)info.totalram * info.mem_unit;
	out->disk_free = (uint64_t)st.f_bavail * st.f_frsize;
	return 0;
}

int host_facts_read(int dir, struct host_facts *out, struct err *err)
{
	struct host_facts facts = { 0 };

	if (read_machine(&facts, err) < 0 || read_sizes(dir, &facts, err) < 0)
		return -1;
	*out = facts;
	return 0;
}
