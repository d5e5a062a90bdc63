// An ordinary static C++ program as an eapp: streams, containers, exceptions. It runs on plain Linux too, with the same
// output. Returns 7.
#include <algorithm>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

static long checked(long value) {
  if (value > 3) throw std::out_of_range("more than three: " + std::to_string(value));
  return value;
}

int main() {
  std::cout << "hello from C++, " << 42 << ' ' << 2.5 << std::endl;

  std::vector<std::string> words{"pear", "apple", "fig"};
  std::sort(words.begin(), words.end());
  std::map<std::string, size_t> lengths;
  for (const auto &word : words) lengths[word] = word.size();
  for (const auto &[word, length] : lengths) std::cout << word << '=' << length << '\n';

  std::istringstream numbers("1 2 3 4");
  long sum = 0, n;
  try {
    while (numbers >> n) sum += checked(n);
  } catch (const std::exception &error) {
    std::cout << "caught " << error.what() << ", sum " << sum << '\n';
  }
  std::cerr << "" << std::flush;
  return 7;
}
