// Max-min sharing by SimGrid on explicit routes. Reads a system from standard input:
//   links hosts routes flows
//   bytes per second of each link
//   a route a line: source, destination, how many links, the links
//   a flow a line: source, destination, bytes, start
// and writes the finish of each flow in seconds, a line each, in their order; then a line with the seconds that the
// simulation itself took. All latencies are 0: SimGrid weighs flows by round-trip time otherwise.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <simgrid/s4u.hpp>

namespace s4u = simgrid::s4u;

struct Flow {
  int source;
  int destination;
  double bytes;
  double start;
  double finish;
};

int main(int argc, char** argv) {
  s4u::Engine engine(&argc, argv);
  int links, hosts, routes, flows;
  if (!(std::cin >> links >> hosts >> routes >> flows)) return 2;
  auto* zone = s4u::create_full_zone("all");
  std::vector<s4u::Link*> link(links);
  for (int i = 0; i < links; i++) {
    double rate;
    std::cin >> rate;
    link[i] = zone->create_link("l" + std::to_string(i), rate)->set_latency(0.0)->seal();
  }
  std::vector<s4u::Host*> host(hosts);
  for (int i = 0; i < hosts; i++) host[i] = zone->create_host("h" + std::to_string(i), 1e9)->seal();
  for (int i = 0; i < routes; i++) {
    int source, destination, length;
    std::cin >> source >> destination >> length;
    std::vector<s4u::LinkInRoute> way;
    for (int k = 0; k < length; k++) {
      int number;
      std::cin >> number;
      way.emplace_back(link[number]);
    }
    zone->add_route(host[source]->get_netpoint(), host[destination]->get_netpoint(), nullptr, nullptr, way, false);
  }
  zone->seal();
  std::vector<Flow> flow(flows);
  for (auto& f : flow) std::cin >> f.source >> f.destination >> f.bytes >> f.start;
  if (!std::cin) return 2;
  for (auto& f : flow) {
    s4u::Actor::create("flow", host[f.source], [&f, &host] {
      if (f.start > 0) s4u::this_actor::sleep_until(f.start);
      s4u::Comm::sendto(host[f.source], host[f.destination], static_cast<uint64_t>(f.bytes));
      f.finish = s4u::Engine::get_clock();
    });
  }
  const auto begin = std::chrono::steady_clock::now();
  engine.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  for (const auto& f : flow) std::printf("%.15g\n", f.finish);
  std::printf("%.6f\n", took.count());
  return 0;
}
