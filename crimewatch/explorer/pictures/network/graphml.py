"""A network as GraphML, which Gephi, yEd, Cytoscape, igraph and NetworkX read (http://graphml.graphdrawing.org)."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

from crimewatch.explorer.pictures.network.network import Link, Network, Node

NAMESPACE = "http://graphml.graphdrawing.org/xmlns"

#: What XML 1.0 cannot hold in any way.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: What is told of each record and each link: its name in the file, its type there, and where it is found.
Attribute = tuple[str, str, Callable[[Any], Any]]

NODE_ATTRIBUTES: tuple[Attribute, ...] = (
    ("label", "string", lambda node: node.record.name),
    ("kind", "string", lambda node: node.kind),
    ("slug", "string", lambda node: node.record.slug),
    ("degree", "int", lambda node: node.degree),
)

LINK_ATTRIBUTES: tuple[Attribute, ...] = (
    ("label", "string", lambda link: link.label),
    ("relation", "string", lambda link: link.word),
    ("claim", "string", lambda link: link.kind),
    ("claims", "int", lambda link: link.claims),
    ("disputing", "int", lambda link: link.disputing),
    ("weight", "double", lambda link: float(link.claims)),
    ("sources", "string", lambda link: "|".join(source.slug for source in link.sources)),
    ("wording", "string", lambda link: "|".join(link.wordings)),
    ("when", "string", lambda link: "|".join(link.dates)),
    ("disputed", "boolean", lambda link: link.is_disputed),
    ("past", "boolean", lambda link: link.is_ended),
)


def graphml(network: Network) -> bytes:
    """The records and links of ``network``; links that hold both ways have no direction."""
    root = ET.Element("graphml", xmlns=NAMESPACE)
    for element, attributes in (("node", NODE_ATTRIBUTES), ("edge", LINK_ATTRIBUTES)):
        for name, kind, _value in attributes:
            about = {"id": f"{element}-{name}", "for": element, "attr.name": name, "attr.type": kind}
            ET.SubElement(root, "key", about)
    graph = ET.SubElement(root, "graph", id="network", edgedefault="directed")
    for node in network.nodes.values():
        _write(ET.SubElement(graph, "node", id=node.key), "node", NODE_ATTRIBUTES, node)
    for number, link in enumerate(network.links):
        ends = {"id": f"link-{number}", "source": link.origin.key, "target": link.target.key}
        if link.is_symmetrical:
            ends["directed"] = "false"
        _write(ET.SubElement(graph, "edge", ends), "edge", LINK_ATTRIBUTES, link)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _write(element: ET.Element, kind: str, attributes: tuple[Attribute, ...], row: Node | Link) -> None:
    for name, _type, value in attributes:
        told = value(row)
        text = str(told).lower() if isinstance(told, bool) else FORBIDDEN.sub("", str(told))
        ET.SubElement(element, "data", key=f"{kind}-{name}").text = text
